import Testing
import TributaryOps

/// An operator with inputs, for the properties that every operator must have. Adding a case to ``all`` checks it.
struct OperatorCase: Sendable, CustomTestStringConvertible {
  let op: any Operator
  let inputs: [Tensor]

  init(_ op: any Operator, _ inputs: Tensor...) { self.init(op, inputs) }

  init(_ op: any Operator, _ inputs: [Tensor]) {
    self.op = op
    self.inputs = inputs
  }

  /// Whether the operator fuses products and sums where the instruction set can, so that its bits on the base level
  /// differ from those on the others.
  var fusesProducts: Bool {
    op is any ImageConvolution || op is ConvolutionWeightGradient
  }

  var testDescription: String {
    let attributes = op.attributes.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    return "\(op.name) \(attributes) \(inputs.map { "\($0.type)" }.joined(separator: ", "))"
  }

  /// The cases of every family whose bits are the same at every instruction-set level.
  static var all: [OperatorCase] {
    let first = elementwise + reductions + others + rows + moves + normalizations + integers
    let more = sorts + randoms + images + parametric + statistics + rearrangements
    return first + more + fused
  }
}
