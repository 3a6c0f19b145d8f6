import TributaryOps

extension OperandErrorTests {
  /// Mistakes with functions with constants, losses of pairs, searches, sums, and rearrangements.
  static let others: [Mistake] = [
    Mistake(
      op: Parametric(.leakyRelu(slope: 0.1)), inputs: [], code: .arity, mentions: ["leaky_relu", "1 input"]),
    Mistake(
      op: Parametric(.leakyRelu(slope: .nan)), inputs: [f], code: .attribute, mentions: ["leaky_relu", "nan"]),
    Mistake(
      op: Parametric(.elu(alpha: 1, scale: 1)), inputs: [TensorType(.int32, [2])], code: .dtype,
      mentions: ["elu", "i32[2]"]),
    Mistake(
      op: Parametric(.elu(alpha: .infinity, scale: 1)), inputs: [f], code: .attribute,
      mentions: ["elu", "inf"]),
    Mistake(
      op: Parametric(.halfPower(halves: 9)), inputs: [f], code: .attribute,
      mentions: ["half_power", "9 halves", "at most 8"]),
    Mistake(
      op: Parametric(.clamp(lower: 0, upper: 1)), inputs: [TensorType(.bool, [2])], code: .dtype,
      mentions: ["clamp", "bool[2]"]),
    Mistake(
      op: Parametric(.clamp(lower: 0.5, upper: 1)), inputs: [TensorType(.int64, [2])], code: .attribute,
      mentions: ["clamp", "0.5", "whole"]),
    Mistake(
      op: Parametric(.clamp(lower: .nan, upper: 1)), inputs: [f], code: .attribute,
      mentions: ["clamp", "NaN"]),
    Mistake(
      op: ParametricGradient(.clamp(lower: 0, upper: 1)), inputs: [f, one], code: .dimension,
      mentions: ["clamp_gradient", "operand"]),
    Mistake(op: PairLoss(.absolute), inputs: [f], code: .arity, mentions: ["l1", "2 inputs"]),
    Mistake(
      op: PairLoss(.absolute), inputs: [f, TensorType(.float64, [3])], code: .dtype, mentions: ["l1", "f64"]),
    Mistake(
      op: PairLoss(.huber(delta: 0)), inputs: [f, f], code: .attribute, mentions: ["huber", "delta", "0"]),
    Mistake(
      op: PairLoss(.binaryCrossEntropy), inputs: [f, TensorType(.float32, [4])], code: .dimension,
      mentions: ["bce_with_logits", "[2, 3]", "[4]"]),
    Mistake(
      op: PairLoss(.divergence), inputs: [TensorType(.int32, [2]), TensorType(.int32, [2])], code: .dtype,
      mentions: ["kl_div"]),
    Mistake(
      op: PairLossGradient(.divergence), inputs: [f, f, f], code: .attribute, mentions: ["kl_div_gradient"]),
    Mistake(
      op: PairLossGradient(.absolute), inputs: [f, f], code: .arity, mentions: ["l1_gradient", "3 inputs"]),
    Mistake(op: Reduce(.prod, axes: [2]), inputs: [f], code: .axis, mentions: ["prod", "axis 2"]),
    Mistake(op: Reduce(.prod, axes: [0]), inputs: [TensorType(.bool, [2])], code: .dtype, mentions: ["prod"]),
    Mistake(op: Variance(axes: [0, 0]), inputs: [f], code: .axis, mentions: ["var", "twice"]),
    Mistake(op: Variance(axes: [0], correction: -1), inputs: [f], code: .attribute, mentions: ["var", "-1"]),
    Mistake(
      op: Variance(axes: [0]), inputs: [TensorType(.int64, [2])], code: .dtype, mentions: ["var", "i64"]),
    Mistake(op: ArgExtreme(.largest, axis: 2), inputs: [f], code: .axis, mentions: ["argmax", "axis 2"]),
    Mistake(
      op: ArgExtreme(.least, axis: nil), inputs: [TensorType(.bool, [2])], code: .dtype, mentions: ["argmin"]),
    Mistake(
      op: ArgExtreme(.least, axis: 0), inputs: [TensorType(.float32, [0, 2])], code: .dimension,
      mentions: ["argmin", "axis 0", "[0, 2]"]),
    Mistake(op: CumulativeSum(axis: 0), inputs: [one], code: .axis, mentions: ["cumsum", "axis 0"]),
    Mistake(op: CumulativeSum(axis: 0), inputs: [TensorType(.bool, [2])], code: .dtype, mentions: ["cumsum"]),
    Mistake(op: Roll(shifts: [1]), inputs: [f], code: .attribute, mentions: ["roll", "2 shifts"]),
    Mistake(
      op: ReflectPad(pads: [[0, 0]]), inputs: [f], code: .attribute, mentions: ["reflect_pad", "2 pairs"]),
    Mistake(
      op: ReflectPad(pads: [[0, 0], [-1, 0]]), inputs: [f], code: .attribute, mentions: ["reflect_pad", "-1"]),
    Mistake(
      op: ReflectPad(pads: [[2, 0], [0, 0]]), inputs: [f], code: .dimension,
      mentions: ["reflect_pad", "axis 0", "2 elements"]),
    Mistake(
      op: ReflectPad(pads: [[0, 0], [Int.max, 0]]), inputs: [f], code: .dimension, mentions: ["reflect_pad"]),
  ]
}
