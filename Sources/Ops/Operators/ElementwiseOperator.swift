/// An operator each of whose output elements depends on the input elements at the same place, inputs being broadcast
/// as in NumPy. All outputs have the same shape.
///
/// It may be cut along every axis, and an output may take an input's bytes wherever their types are equal: a type
/// that is equal was not broadcast.
public protocol ElementwiseOperator: Operator {
  /// The loop over the operands: inputs, then outputs.
  func loop(_ signature: Signature) -> ElementwiseLoop

  /// Floating-point operations for one element.
  func flopsPerElement(_ signature: Signature) -> Double
}

/// A named vector loop and its constants.
public struct ElementwiseLoop: Sendable, Hashable {
  let name: String
  let dtype: DType
  let constants: SIMD4<Double>

  init(_ name: String, _ dtype: DType, constants: SIMD4<Double> = .zero) {
    self.name = name
    self.dtype = dtype
    self.constants = constants
  }
}

extension ElementwiseOperator {
  /// Inputs read once, outputs written once.
  public func cost(_ signature: Signature) -> Cost {
    .streaming(signature, flopsPerElement: flopsPerElement(signature))
  }

  /// One for each element.
  public func flopsPerElement(_ signature: Signature) -> Double { 1 }

  /// Every axis longer than 1, the outermost first; the last on multiples of a cache line.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits(minimum: 64)
  }

  /// The same region, axes along which the input is broadcast being read whole.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    region.beforeBroadcast(from: signature.inputs[index].shape)
  }

  /// Where the types are equal.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool {
    signature.inputs[input] == signature.outputs[output]
  }

  /// What is broadcast along short rows, spread over a block.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int {
    FlatLoops(signature, region: region)?.scratchBytes ?? 0
  }

  /// A loop in C over the region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    try VectorKernels.elementwise(loop(signature), operator: name, signature, region: region)
  }
}

extension Region {
  /// The region of an input of the given shape that broadcasting spreads over this region.
  public func beforeBroadcast(from shape: Shape) -> Region {
    var result = Region(whole: shape)
    let missing = rank - shape.rank
    for axis in shape.indices where shape[axis] != 1 { result[axis] = self[axis + missing] }
    return result
  }
}
