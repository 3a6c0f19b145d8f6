internal import CKernels

/// Work whose rate bounds every operator's, for measuring the machine.
package enum MachineProbe {
  /// a[i] = b[i] + s·c[i] at the vector level in use: 12 bytes an element, each read or written once.
  ///
  /// The buffers are equally long and do not overlap.
  package static func triad(
    _ a: UnsafeMutableBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, _ c: UnsafeBufferPointer<Float>,
    scale: Float
  ) {
    precondition(a.count == b.count && b.count == c.count, "the triad's arrays differ in length")
    guard let out = a.baseAddress, let left = b.baseAddress, let right = c.baseAddress else { return }
    ck_triad(VectorLevel.current.level, a.count, left, right, scale, out)
  }

  /// Who computes matrix products, by name.
  package static var productBackEnds: [String] { GEMMBackEnd.allCases.map(\.rawValue) }

  /// An f32 product a·b of square matrices of this side by one back end, as a function to be called again and again.
  /// - Throws: `ShapeError` when the side is too long.
  package static func product(by backEnd: String, side: Int) throws(ShapeError) -> () -> Void {
    let probe = ProductProbe(side, side, side)
    let tall = side > 256
    let way = probe.ways.first {
      $0.choice.backEnd.rawValue == backEnd
        && ($0.choice.backEnd != .own || $0.choice.laysA == tall && $0.choice.laysB == tall)
    }
    guard let way else {
      throw ShapeError(.attribute, "“\(backEnd)” computes no products; choose from \(productBackEnds)")
    }
    return try probe.product(by: way)
  }
}
