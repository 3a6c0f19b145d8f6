import Testing
import TributaryOps

/// Malformed calls of normalisations and attention are errors that name the operator and what is wrong.
@Suite struct NormalizationErrorTests {
  typealias Mistake = OperandErrorTests.Mistake

  private static let f = TensorType(.float32, [2, 6])
  private static let w = TensorType(.float32, [6])
  private static let rows = TensorType(.float32, [2])
  private static let images = TensorType(.float32, [2, 6, 3])
  private static let layer = Normalize(.layer(rank: 1))
  private static let q = TensorType(.float32, [2, 3, 5, 4])
  private static let k = TensorType(.float32, [2, 3, 7, 4])

  static let rowMistakes: [Mistake] = [
    Mistake(op: layer, inputs: [], code: .arity, mentions: ["layer_norm", "given 0"]),
    Mistake(op: layer, inputs: [f, w, w, w], code: .arity, mentions: ["layer_norm", "given 4"]),
    Mistake(
      op: layer, inputs: [TensorType(.int32, [2, 6])], code: .dtype, mentions: ["layer_norm", "i32[2, 6]"]),
    Mistake(
      op: layer, inputs: [TensorType(.float32, [])], code: .attribute, mentions: ["layer_norm", "f32[]"]),
    Mistake(
      op: layer, inputs: [f, rows], code: .dimension, mentions: ["layer_norm", "f32[6]", "weight", "f32[2]"]),
    Mistake(op: layer, inputs: [f, w, rows], code: .dimension, mentions: ["layer_norm", "bias"]),
    Mistake(
      op: layer, inputs: [f, TensorType(.float64, [6])], code: .dtype, mentions: ["layer_norm", "f64[6]"]),
    Mistake(
      op: layer, inputs: [TensorType(.float32, [2, 0])], code: .dimension, mentions: ["layer_norm", "[2, 0]"]),
    Mistake(
      op: Normalize(.layer(rank: 3)), inputs: [f], code: .attribute, mentions: ["layer_norm", "last 3 axes"]),
    Mistake(
      op: Normalize(.layer(rank: 0)), inputs: [f], code: .attribute, mentions: ["layer_norm", "last 0 axes"]),
    Mistake(
      op: Normalize(.layer(rank: 1), epsilon: -1), inputs: [f], code: .attribute, mentions: ["epsilon", "-1"]),
    Mistake(
      op: Normalize(.rootMeanSquare(rank: 1), epsilon: .nan), inputs: [f], code: .attribute,
      mentions: ["rms_norm", "nan"]),
    Mistake(
      op: Normalize(.rootMeanSquare(rank: -1)), inputs: [f], code: .attribute, mentions: ["rms_norm", "-1"]),
    Mistake(
      op: Normalize(.group(count: 4)), inputs: [f], code: .attribute, mentions: ["group_norm", "6", "4"]),
    Mistake(op: Normalize(.group(count: 0)), inputs: [f], code: .attribute, mentions: ["group_norm", "0"]),
    Mistake(op: Normalize(.group(count: 2)), inputs: [w], code: .rank, mentions: ["group_norm", "f32[6]"]),
    Mistake(
      op: Normalize(.group(count: 2)), inputs: [TensorType(.float32, [2, 0, 3])], code: .dimension,
      mentions: ["group_norm", "no elements"]),
    Mistake(
      op: NormalizeGradient(.layer(rank: 1), sumsWeight: true, sumsBias: true), inputs: [f, f, rows],
      code: .arity,
      mentions: ["layer_norm_gradient", "given 3"]),
    Mistake(
      op: NormalizeGradient(.layer(rank: 1), sumsWeight: true, sumsBias: true),
      inputs: [images, f, rows, rows],
      code: .dimension, mentions: ["layer_norm_gradient", "cotangent"]),
    Mistake(
      op: NormalizeGradient(.rootMeanSquare(rank: 1), sumsWeight: true, sumsBias: true), inputs: [f, f, w],
      code: .dimension, mentions: ["rms_norm_gradient", "statistics", "f32[2]"]),
  ]

  static let channelMistakes: [Mistake] = [
    Mistake(op: BatchNormalize(), inputs: [], code: .arity, mentions: ["batch_norm", "given 0"]),
    Mistake(op: BatchNormalize(), inputs: [w], code: .axis, mentions: ["batch_norm", "axis 1", "[6]"]),
    Mistake(op: BatchNormalize(axis: -1), inputs: [f], code: .axis, mentions: ["batch_norm", "axis -1"]),
    Mistake(
      op: BatchNormalize(), inputs: [f, rows], code: .dimension, mentions: ["batch_norm", "weight", "f32[6]"]),
    Mistake(
      op: BatchNormalize(epsilon: .infinity), inputs: [f], code: .attribute,
      mentions: ["batch_norm", "epsilon"]),
    Mistake(
      op: BatchNormalize(), inputs: [TensorType(.float32, [0, 6])], code: .dimension,
      mentions: ["batch_norm", "no elements"]),
    Mistake(
      op: BatchNormalize(), inputs: [TensorType(.bool, [2, 6])], code: .dtype,
      mentions: ["batch_norm", "bool"]),
    Mistake(
      op: BatchNormalizeInference(), inputs: [f, w], code: .arity,
      mentions: ["batch_norm_inference", "given 2"]),
    Mistake(
      op: BatchNormalizeInference(), inputs: [f, w, rows], code: .dimension,
      mentions: ["batch_norm_inference", "variance"]),
    Mistake(
      op: BatchNormalizeGradient(), inputs: [f, f, w], code: .arity, mentions: ["batch_norm_gradient"]),
    Mistake(
      op: BatchNormalizeGradient(), inputs: [images, f, w, w], code: .dimension, mentions: ["cotangent"]),
    Mistake(op: BatchNormalizeSums(), inputs: [f, f, w], code: .arity, mentions: ["batch_norm_sums"]),
    Mistake(
      op: BatchNormalizeSums(), inputs: [f, f, w, rows], code: .dimension,
      mentions: ["batch_norm_sums", "variance"]),
  ]

  static let attentionMistakes: [Mistake] = [
    Mistake(op: Attention(), inputs: [q, k], code: .arity, mentions: ["attention", "given 2"]),
    Mistake(op: Attention(), inputs: [w, w, w], code: .rank, mentions: ["attention", "f32[6]"]),
    Mistake(
      op: Attention(), inputs: [q, k, TensorType(.float32, [3, 7, 4])], code: .rank, mentions: ["attention"]),
    Mistake(
      op: Attention(), inputs: [q, k, TensorType(.float64, [2, 3, 7, 4])], code: .dtype,
      mentions: ["attention", "f64"]),
    Mistake(
      op: Attention(), inputs: [TensorType(.int64, [2, 4]), k, k], code: .dtype,
      mentions: ["attention", "i64[2, 4]"]),
    Mistake(
      op: Attention(), inputs: [q, k, q], code: .dimension, mentions: ["attention", "k and v of one length"]),
    Mistake(
      op: Attention(), inputs: [q, TensorType(.float32, [1, 3, 7, 4]), k], code: .dimension,
      mentions: ["batch and heads"]),
    Mistake(
      op: Attention(), inputs: [q, TensorType(.float32, [2, 3, 7, 5]), k], code: .dimension,
      mentions: ["one width"]),
    Mistake(
      op: Attention(),
      inputs: [TensorType(.float32, [2, 0]), TensorType(.float32, [3, 0]), TensorType(.float32, [3, 1])],
      code: .dimension, mentions: ["at least 1"]),
    Mistake(
      op: Attention(), inputs: [q, k, k, TensorType(.bool, [5, 6])], code: .dimension,
      mentions: ["mask", "bool[5, 6]", "[2, 3, 5, 7]"]),
    Mistake(
      op: Attention(), inputs: [q, k, k, TensorType(.bool, [1, 2, 3, 5, 7])], code: .dimension,
      mentions: ["mask"]),
    Mistake(
      op: Attention(), inputs: [q, k, k, TensorType(.int32, [5, 7])], code: .dtype,
      mentions: ["mask", "i32[5, 7]"]),
    Mistake(
      op: Attention(AttentionForm(scale: .infinity)), inputs: [q, k, k], code: .attribute,
      mentions: ["scale", "inf"]),
    Mistake(
      op: AttentionGradient(AttentionForm()), inputs: [q, q, k, k, w, w], code: .dimension,
      mentions: ["attention_gradient", "statistics"]),
    Mistake(
      op: AttentionGradient(AttentionForm()), inputs: [k, q, k, k, w, w], code: .dimension,
      mentions: ["attention_gradient", "cotangent"]),
    Mistake(
      op: AttentionGradient(AttentionForm()), inputs: [q, k], code: .arity, mentions: ["attention_gradient"]),
  ]

  @Test(arguments: rowMistakes + channelMistakes + attentionMistakes)
  func aMistakeIsNamed(_ mistake: Mistake) {
    let error = #expect(throws: ShapeError.self) { try mistake.op.outputTypes(for: mistake.inputs) }
    #expect(error?.code == mistake.code, "\(error?.message ?? "")")
    for word in mistake.mentions { #expect(error?.message.contains(word) == true, "\(error?.message ?? "")") }
  }
}
