internal import Tributary
internal import TributaryMeasuring

/// An operator that is measured, and PyTorch's same call.
struct OperatorSubject: Sendable {
  typealias Inputs = @Sendable (ShapeClass) -> [CaseInput]
  typealias Build = @Sendable (GraphBuilder, [Value]) -> [Value]

  /// The operator's name, that of the reference fixtures where they have it.
  let name: String

  /// What tells subjects of one name apart; empty for the only or the usual one.
  let variant: String

  /// What its speed is held against.
  let goal: OperatorGoal

  /// PyTorch's call as a Python expression in `x`, the list of operands, `torch` and `F` (torch.nn.functional).
  let call: String

  /// The operands.
  let inputs: Inputs

  /// The operands by which the gradient is measured too, forward and backward pass together; none where empty.
  let differentiable: [Int]

  /// The call on a graph.
  let build: Build

  init(
    _ name: String, _ variant: String = "", goal: OperatorGoal, _ call: String, _ inputs: @escaping Inputs,
    gradient differentiable: [Int] = [], _ build: @escaping Build
  ) {
    (self.name, self.variant, self.goal, self.call) = (name, variant, goal, call)
    (self.inputs, self.differentiable, self.build) = (inputs, differentiable, build)
  }

  /// Every operator, family by family.
  static let all: [OperatorSubject] =
    elementwise + reductions + rearrangements + contractions + losses + normalizations + images

  /// The names, each once, in order.
  static var names: [String] {
    var seen: Set<String> = []
    return all.map(\.name).filter { seen.insert($0).inserted }
  }

  /// Operators that compute nothing: their result is the operand's bytes.
  static let views: Set<String> = ["reshape"]
}
