import Testing
import TributaryOps

/// An operator with inputs, for the properties that every operator must have. Adding a case to ``all`` checks it.
struct OperatorCase: Sendable, CustomTestStringConvertible {
  let op: any Operator
  let inputs: [Tensor]

  init(_ op: any Operator, _ inputs: Tensor...) {
    self.op = op
    self.inputs = inputs
  }

  var testDescription: String {
    let attributes = op.attributes.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    return "\(op.name) \(attributes) \(inputs.map { "\($0.type)" }.joined(separator: ", "))"
  }

  /// The cases of every family.
  static var all: [OperatorCase] {
    elementwise + reductions + others + rows + moves + parametric + statistics + rearrangements
  }
}
