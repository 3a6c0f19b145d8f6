import TributaryOps

/// Straightforward evaluation in double, element by element, for comparison.
enum Reference {
  /// Where broadcasting finds the elements of a tensor of one shape for each element of another, in row-major order.
  static func positions(of shape: Shape, broadcastTo output: Shape) -> [Int] {
    let missing = output.rank - shape.rank
    let strides = shape.strides
    var result = [0]
    for axis in 0..<output.rank {
      let length = output[axis]
      let stride = axis < missing || shape[axis - missing] == 1 ? 0 : strides[axis - missing]
      result = result.flatMap { start in (0..<length).map { start + $0 * stride } }
    }
    return result
  }

  /// f(x₀, x₁, …) with broadcasting.
  static func map(_ inputs: [Tensor], _ function: ([Double]) -> Double) -> [Double] {
    let shape = inputs.dropFirst().reduce(inputs[0].shape) { $0.broadcast(with: $1.shape)! }
    let operands = inputs.map { input in
      let values = input.doubles
      return positions(of: input.shape, broadcastTo: shape).map { values[$0] }
    }
    return (0..<shape.elementCount).map { place in function(operands.map { $0[place] }) }
  }

  /// f(elements that meet), for each element of the reduced shape.
  static func reduce(_ input: Tensor, axes: [Int], _ function: ([Double]) -> Double) -> [Double] {
    let output = input.shape.reduced(over: axes, keepDimensions: true)
    var groups = [[Double]](repeating: [], count: output.elementCount)
    for (value, group) in zip(input.doubles, positions(of: output, broadcastTo: input.shape)) {
      groups[group].append(value)
    }
    return groups.map(function)
  }

  /// The first place where two lists differ by more than `bound`·max(|want|, floor); nil when they agree. One such
  /// comparison is many times faster than an expectation for each element.
  static func difference(_ got: [Double], _ want: [Double], bound: Double, floor: Double) -> String? {
    guard got.count == want.count else { return "\(got.count) elements, not \(want.count)" }
    for (index, (one, other)) in zip(got, want).enumerated() {
      if one == other || one.isNaN && other.isNaN { continue }
      if !(abs(one - other) <= bound * max(abs(other), floor)) { return "[\(index)]: \(one), not \(other)" }
    }
    return nil
  }
}
