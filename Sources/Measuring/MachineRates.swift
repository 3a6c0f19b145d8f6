internal import Foundation
internal import TributaryOps

/// What the machine can do, measured before the operators: the best rates of f32 products and of streams of memory.
package struct MachineRates: Sendable {
  /// The best rate of square products, in floating-point operations a second, and who reached it.
  package let products: (flopsPerSecond: Double, backEnd: String, side: Int)

  /// Bytes a second of the triad and of a copy, by the size of the arrays.
  package let triad: [ShapeClass: Double]
  package let copy: [ShapeClass: Double]

  private static let sides = [256, 512, 1024]

  /// Measures with so many threads at once, each with arrays of its own that together have the class's size.
  package init(threads: Int, seconds: Double) throws {
    var best = (flopsPerSecond: 0.0, backEnd: "", side: 0)
    for backEnd in MachineProbe.productBackEnds {
      for side in MachineRates.sides {
        let rates = try SideBySide.run(threads) { _ in
          let product = try MachineProbe.product(by: backEnd, side: side)
          var timer = try CallTimer(product)
          try timer.measure(seconds: seconds)
          return 2e9 * Double(side * side * side) / timer.minimum
        }
        let rate = rates.reduce(0, +)
        if rate > best.flopsPerSecond { best = (rate, backEnd, side) }
      }
    }
    products = best
    var triad: [ShapeClass: Double] = [:]
    var copy: [ShapeClass: Double] = [:]
    for size in ShapeClass.allCases {
      let rates = try MachineRates.streams(size, threads: threads, seconds: seconds)
      (triad[size], copy[size]) = (rates.triad, rates.copy)
    }
    (self.triad, self.copy) = (triad, copy)
  }

  /// Bytes a second of so many threads' triads and copies at once, their arrays together of the class's size.
  package static func streams(
    _ size: ShapeClass, threads: Int, seconds: Double
  ) throws -> (triad: Double, copy: Double) {
    let count = size.elementCount / threads
    let rates = try SideBySide.run(threads) { _ in try streams(count, seconds: seconds) }
    return (rates.reduce(0) { $0 + $1.triad }, rates.reduce(0) { $0 + $1.copy })
  }

  /// Bytes a second of one thread's triad and copy of `count` floats.
  private static func streams(_ count: Int, seconds: Double) throws -> (triad: Double, copy: Double) {
    let arrays = (0..<3).map { _ in
      let array = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
      array.initialize(repeating: 1)
      return array
    }
    defer { for array in arrays { array.deallocate() } }
    var triad = try CallTimer {
      MachineProbe.triad(
        arrays[0], UnsafeBufferPointer(arrays[1]), UnsafeBufferPointer(arrays[2]), scale: 0.5)
    }
    try triad.measure(seconds: seconds)
    var copy = try CallTimer { _ = arrays[0].update(from: UnsafeBufferPointer(arrays[1])) }
    try copy.measure(seconds: seconds)
    return (Double(12 * count) * 1e9 / triad.minimum, Double(8 * count) * 1e9 / copy.minimum)
  }

  /// The roofline at a size.
  package func roofline(_ size: ShapeClass) -> Roofline {
    Roofline(flopsPerSecond: products.flopsPerSecond, bytesPerSecond: triad[size] ?? .nan)
  }

  /// The rates in words.
  package var description: String {
    func gigabytes(_ rates: [ShapeClass: Double]) -> String {
      ShapeClass.allCases.map { String(format: "%.1f (\($0.rawValue))", (rates[$0] ?? .nan) / 1e9) }
        .joined(separator: ", ")
    }
    let rate = String(format: "%.1f", products.flopsPerSecond / 1e9)
    return """
      sgemm \(rate) GFLOP/s (\(products.backEnd), \(products.side)³) · triad GB/s \(gigabytes(triad)) · \
      copy GB/s \(gigabytes(copy))
      """
  }
}
