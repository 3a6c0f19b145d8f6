import Testing
import TributaryOps

/// Inputs that do not fit are errors that name the operator and the shapes.
@Suite struct OperandErrorTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let op: any Operator
    let inputs: [TensorType]
    let code: ShapeError.Code
    let mentions: [String]
    var testDescription: String { "\(op.name) \(inputs)" }
  }

  static let f = TensorType(.float32, [2, 3])
  static let one = TensorType(.float32, .scalar)

  static let mistakes: [Mistake] = [
    Mistake(op: Unary(.exp), inputs: [], code: .arity, mentions: ["exp", "1 input"]),
    Mistake(op: Unary(.exp), inputs: [TensorType(.int32, [2])], code: .dtype, mentions: ["exp", "i32[2]"]),
    Mistake(op: Unary(.neg), inputs: [TensorType(.bool, [2])], code: .dtype, mentions: ["neg", "bool[2]"]),
    Mistake(op: Binary(.add), inputs: [f], code: .arity, mentions: ["add", "2 inputs"]),
    Mistake(
      op: Binary(.add), inputs: [f, TensorType(.float32, [4])], code: .dimension,
      mentions: ["add", "[2, 3]", "[4]"]),
    Mistake(
      op: Binary(.add), inputs: [f, TensorType(.float64, [3])], code: .dtype, mentions: ["add", "f32", "f64"]),
    Mistake(
      op: Binary(.div), inputs: [TensorType(.int64, [1]), TensorType(.int64, [1])], code: .dtype,
      mentions: ["div"]),
    Mistake(op: Compare(.less), inputs: [f, TensorType(.int32, [3])], code: .dtype, mentions: ["less"]),
    Mistake(op: Where(), inputs: [f, f, f], code: .dtype, mentions: ["where", "bool"]),
    Mistake(op: Logical(.and), inputs: [f, f], code: .dtype, mentions: ["logical_and"]),
    Mistake(op: Logical(.not), inputs: [f, f], code: .arity, mentions: ["logical_not"]),
    Mistake(
      op: BroadcastTo(shape: [2, 2]), inputs: [f], code: .dimension,
      mentions: ["broadcast_to", "[2, 3]", "[2, 2]"]),
    Mistake(op: BroadcastTo(shape: [3]), inputs: [f], code: .dimension, mentions: ["broadcast_to"]),
    Mistake(op: BroadcastTo(shape: [-1]), inputs: [one], code: .dimension, mentions: ["-1"]),
    Mistake(
      op: Fill(type: TensorType(.int32, [2]), value: 0.5), inputs: [], code: .attribute,
      mentions: ["fill", "0.5"]),
    Mistake(
      op: Fill(type: TensorType(.int32, [2]), value: 3e9), inputs: [], code: .attribute, mentions: ["fill"]),
    Mistake(op: Iota(type: f, axis: 2), inputs: [], code: .axis, mentions: ["iota", "2"]),
    Mistake(
      op: OneHot(classes: 0), inputs: [TensorType(.int32, [2])], code: .attribute, mentions: ["one_hot"]),
    Mistake(op: OneHot(classes: 3), inputs: [f], code: .dtype, mentions: ["one_hot"]),
    Mistake(
      op: OneHot(classes: 3), inputs: [TensorType(.int32, [1, 1, 1, 1, 1, 1, 1, 1])], code: .rank,
      mentions: ["9 axes"]),
    Mistake(op: Reduce(.sum, axes: [2]), inputs: [f], code: .axis, mentions: ["sum", "axis 2", "[2, 3]"]),
    Mistake(op: Reduce(.sum, axes: [-1]), inputs: [f], code: .axis, mentions: ["sum", "axis -1"]),
    Mistake(op: Reduce(.sum, axes: [1, 1]), inputs: [f], code: .axis, mentions: ["sum", "twice"]),
    Mistake(
      op: Reduce(.mean, axes: [0]), inputs: [TensorType(.int32, [2])], code: .dtype, mentions: ["mean"]),
    Mistake(
      op: Reduce(.max, axes: [0]), inputs: [TensorType(.float32, [0])], code: .dimension, mentions: ["max"]),
    Mistake(op: Norm(axes: [5]), inputs: [f], code: .axis, mentions: ["norm", "axis 5"]),
    Mistake(op: Accumulate(), inputs: [], code: .arity, mentions: ["accumulate"]),
    Mistake(op: Accumulate(), inputs: [f, one], code: .dimension, mentions: ["accumulate", "input 1"]),
    Mistake(op: CheckFinite(), inputs: [], code: .arity, mentions: ["check_finite"]),
    Mistake(op: CheckFinite(), inputs: [TensorType(.int64, [2])], code: .dtype, mentions: ["check_finite"]),
    Mistake(op: SGDUpdate(), inputs: [f, f], code: .arity, mentions: ["sgd_update"]),
    Mistake(op: SGDUpdate(), inputs: [f, one, one], code: .dimension, mentions: ["sgd_update", "gradient"]),
    Mistake(op: SGDUpdate(), inputs: [f, f, f], code: .dimension, mentions: ["learning rate"]),
    Mistake(
      op: AdamUpdate(beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0), inputs: [f, f, f, f, one, one],
      code: .dtype, mentions: ["adam_update", "step count"]),
    Mistake(op: ScheduledRate(.constant(1)), inputs: [one], code: .dtype, mentions: ["scheduled_rate"]),
    Mistake(
      op: ScheduledRate(.constant(1), dtype: .int32), inputs: [TensorType(.int64, .scalar)], code: .dtype,
      mentions: ["scheduled_rate"]),
  ]

  @Test(arguments: mistakes + integerMistakes + others + joined)
  func aMistakeIsNamed(_ mistake: Mistake) {
    let error = #expect(throws: ShapeError.self) { try mistake.op.outputTypes(for: mistake.inputs) }
    #expect(error?.code == mistake.code)
    for word in mistake.mentions { #expect(error?.message.contains(word) == true, "\(error?.message ?? "")") }
  }
}
