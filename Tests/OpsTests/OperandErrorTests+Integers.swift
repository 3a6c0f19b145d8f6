import TributaryOps

extension OperandErrorTests {
  private static let i = TensorType(.int32, [2, 3])
  private static let b = TensorType(.bool, [2, 3])
  private static let step = TensorType(.int64, .scalar)

  private static func uniform(_ low: Double, _ high: Double, _ dtype: DType = .float32) -> RandomFill {
    RandomFill(
      type: TensorType(dtype, [2]), distribution: .uniform(low: low, high: high), seed: 0, stream: 0)
  }

  private static func normal(_ mean: Double, _ deviation: Double, _ shape: Shape = [2]) -> RandomFill {
    RandomFill(
      type: TensorType(.float64, shape), distribution: .normal(mean: mean, deviation: deviation), seed: 0,
      stream: 0)
  }

  /// Mistakes with integers, truth values, sorts and random numbers.
  static let integerMistakes: [Mistake] = [
    Mistake(op: IntegerDivision(.remainder), inputs: [i], code: .arity, mentions: ["remainder", "2 inputs"]),
    Mistake(
      op: IntegerDivision(.floorDivide), inputs: [f, f], code: .dtype,
      mentions: ["floor_divide", "f32[2, 3]"]),
    Mistake(op: IntegerDivision(.floorDivide), inputs: [b, b], code: .dtype, mentions: ["bool[2, 3]"]),
    Mistake(
      op: IntegerDivision(.remainder), inputs: [i, TensorType(.int64, [3])], code: .dtype,
      mentions: ["remainder", "i32", "i64"]),
    Mistake(
      op: IntegerDivision(.remainder), inputs: [i, TensorType(.int32, [4])], code: .dimension,
      mentions: ["remainder", "[2, 3]", "[4]"]),
    Mistake(op: Logical(.xor), inputs: [b, i], code: .dtype, mentions: ["logical_xor", "i32[2, 3]"]),
    Mistake(op: LogicalReduce(.any, axes: [0]), inputs: [i], code: .dtype, mentions: ["any", "i32[2, 3]"]),
    Mistake(op: LogicalReduce(.all, axes: [2]), inputs: [b], code: .axis, mentions: ["all", "axis 2"]),
    Mistake(op: LogicalReduce(.all, axes: [1, 1]), inputs: [b], code: .axis, mentions: ["all", "twice"]),
    Mistake(op: LogicalReduce(.all, axes: []), inputs: [], code: .arity, mentions: ["all", "1 input"]),
    Mistake(op: Sort(axis: 2), inputs: [f], code: .axis, mentions: ["sort", "axis 2", "[2, 3]"]),
    Mistake(op: Sort(axis: -1), inputs: [f], code: .axis, mentions: ["sort", "axis -1"]),
    Mistake(op: Sort(axis: 0), inputs: [one], code: .axis, mentions: ["sort", "[]"]),
    Mistake(op: Sort(axis: 0), inputs: [f, f], code: .arity, mentions: ["sort", "1 input"]),
    Mistake(op: Sort(axis: 1, count: 4), inputs: [f], code: .attribute, mentions: ["top_k", "4", "0...3"]),
    Mistake(op: Sort(axis: 1, count: -1), inputs: [f], code: .attribute, mentions: ["top_k", "-1"]),
    Mistake(op: RandomDrop(rate: 0.5, seed: 0, stream: 0), inputs: [f], code: .arity, mentions: ["dropout"]),
    Mistake(
      op: RandomDrop(rate: 0.5, seed: 0, stream: 0), inputs: [i, step], code: .dtype,
      mentions: ["dropout", "i32[2, 3]"]),
    Mistake(
      op: RandomDrop(rate: 0.5, seed: 0, stream: 0), inputs: [f, TensorType(.int32, .scalar)], code: .dtype,
      mentions: ["dropout", "the step", "i64[]"]),
    Mistake(
      op: RandomDrop(rate: 0.5, seed: 0, stream: 0), inputs: [f, TensorType(.int64, [1])], code: .dimension,
      mentions: ["dropout", "the step"]),
    Mistake(
      op: RandomDrop(rate: 1.5, seed: 0, stream: 0), inputs: [f, step], code: .attribute, mentions: ["1.5"]),
    Mistake(
      op: RandomDrop(rate: .nan, seed: 0, stream: 0), inputs: [f, step], code: .attribute, mentions: ["nan"]),
    Mistake(op: uniform(0, 1), inputs: [], code: .arity, mentions: ["random"]),
    Mistake(op: uniform(0, 1, .int32), inputs: [step], code: .dtype, mentions: ["random", "i32[2]"]),
    Mistake(op: uniform(0, 1), inputs: [one], code: .dtype, mentions: ["random", "the step"]),
    Mistake(op: uniform(1, 0), inputs: [step], code: .attribute, mentions: ["random", "(1.0, 0.0)"]),
    Mistake(op: uniform(0, 1e300), inputs: [step], code: .attribute, mentions: ["random", "f32"]),
    Mistake(op: uniform(-1e308, 1e308, .float64), inputs: [step], code: .attribute, mentions: ["random"]),
    Mistake(op: normal(0, -1), inputs: [step], code: .attribute, mentions: ["random", "-1.0"]),
    Mistake(op: normal(.nan, 1), inputs: [step], code: .attribute, mentions: ["random", "nan"]),
    Mistake(op: normal(0, 1, [-1]), inputs: [step], code: .dimension, mentions: ["-1"]),
  ]
}
