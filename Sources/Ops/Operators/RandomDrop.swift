internal import CKernels

/// Zeros a random part of a tensor and scales the rest (Srivastava and others 2014): y = x / (1 − rate) where an element
/// is kept, 0 elsewhere, whatever x is there. Inputs (x, step): f32 or f64 of any shape, and an i64 scalar.
///
/// Whether element e is kept is a function of (seed, stream, step, e) alone, e counted in row-major order: the block of
/// (step, stream) under the seed is the key and the stream of a generator (``Philox4x32``), and e is kept where word
/// e mod 4 of its block e div 4 is at least rate·2³². So the mask needs no memory: the gradient draws it again, and is
/// this operator applied to the cotangent. A rate of 1 gives zeros.
public struct RandomDrop: Operator, Hashable {
  /// The share of elements that become 0, in 0 … 1.
  public let rate: Double

  /// The seed.
  public let seed: UInt64

  /// The number that tells random operators of one seed apart.
  public let stream: UInt64

  /// A dropout at a rate.
  public init(rate: Double, seed: UInt64, stream: UInt64) {
    self.rate = rate
    self.seed = seed
    self.stream = stream
  }

  /// `dropout`.
  public var name: String { "dropout" }

  /// What the operator was made with.
  public var attributes: [Attribute] {
    [Attribute("rate", rate), Attribute("seed", seed), Attribute("stream", stream)]
  }

  /// The type of x.
  /// - Throws: `ShapeError` when the inputs do not fit, or the rate is no share.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    try expectFloatingPoint(inputs[0])
    try expect(inputs[1], toBe: TensorType(.int64, .scalar), "the step")
    guard rate >= 0, rate <= 1 else {
      throw ShapeError(.attribute, "dropout: the rate is \(rate); give a share in 0...1")
    }
    return [inputs[0]]
  }

  /// A quarter of a block and one product for each element.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 20) }

  /// Every axis longer than 1.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] { RandomRegion.splitAxes(signature) }

  /// The same region; the step.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    index == 0 ? region : Region(whole: .scalar)
  }

  /// x.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { input == 0 }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let output = signature.outputs[0]
    let place = RandomRegion.make(output.shape, region, seed: seed, stream: stream)
    let (level, dtype) = (VectorLevel.current.level, output.dtype.code)
    let threshold = UInt64((rate * 0x1p32).rounded())
    let scale = rate < 1 ? 1 / (1 - rate) : 0
    return Kernel { arguments in
      let step = arguments.pointer(1, as: Int64.self).pointee
      withUnsafePointer(to: place) {
        ck_dropout(
          level, dtype, $0, step, threshold, scale, arguments.pointers[0], arguments.pointers[2])
      }
      return .success
    }
  }
}
