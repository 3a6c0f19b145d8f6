public import TributaryAutodiff
public import TributaryOps

/// How far a model's output is from the target, and what counts as a right answer.
public struct Loss: Sendable {
  /// Counts the right answers in one batch. The batch's last column holds as many answers as it has elements.
  ///
  /// Given the bytes and the type of the output, axis 0 counting the samples, and the batch that it was computed from.
  typealias Judge = @Sendable (_ output: UnsafeRawBufferPointer, _ type: TensorType, _ batch: Batch) -> Int

  /// The name in commands and reports.
  public let name: String

  let targetType: @Sendable (TensorType) -> TensorType
  let value: @Sendable (_ output: Value, _ target: Value) -> Value
  let judge: Judge?

  /// A loss of one's own.
  /// - Parameters:
  ///   - name: The name in reports.
  ///   - targetType: The type of the target for an output of a given type; the same when nil.
  ///   - value: The loss, a scalar.
  public init(
    _ name: String, targetType: (@Sendable (TensorType) -> TensorType)? = nil,
    value: @escaping @Sendable (_ output: Value, _ target: Value) -> Value
  ) {
    self.init(name, targetType: targetType ?? { $0 }, value: value, judge: nil)
  }

  init(
    _ name: String, targetType: @escaping @Sendable (TensorType) -> TensorType,
    value: @escaping @Sendable (_ output: Value, _ target: Value) -> Value, judge: Judge?
  ) {
    self.name = name
    self.targetType = targetType
    self.value = value
    self.judge = judge
  }

  /// The mean cross-entropy of classes under the softmax of the output's last axis: output `[batch, …, classes]`, target
  /// int32 `[batch, …]`. An answer is right where the largest output is the target's.
  public static let softmaxCrossEntropy = Loss(
    "softmax cross-entropy",
    targetType: { TensorType(.int32, Shape($0.shape.dimensions.dropLast())) },
    value: { crossEntropy(rows($0), $1.rank > 1 ? reshape($1, [$1.type.elementCount]) : $1) },
    judge: { output, type, batch in
      switch type.dtype {
      case .float32: countLargest(output.bindMemory(to: Float.self), batch)
      case .float64: countLargest(output.bindMemory(to: Double.self), batch)
      default: 0
      }
    })

  /// The mean of (output − target)², target of the output's type.
  public static let meanSquaredError = Loss("mean squared error") {
    TributaryAutodiff.meanSquaredError($0, $1)
  }
}

/// All axes but the last joined: a row for each answer.
private func rows(_ output: Value) -> Value {
  guard output.rank > 2 else { return output }
  return reshape(output, [output.shape.dimensions.dropLast().reduce(1, *), output.shape[output.rank - 1]])
}

/// The rows whose largest element, the first of equals, stands at the class in column 1.
private func countLargest<Element: BinaryFloatingPoint>(
  _ output: UnsafeBufferPointer<Element>, _ batch: Batch
) -> Int {
  let answers = batch.bytes(column: 1).bindMemory(to: Int32.self)
  guard !answers.isEmpty else { return 0 }
  let classes = output.count / answers.count
  var right = 0
  for (row, answer) in answers.enumerated() {
    var largest = row * classes
    for index in largest..<(largest + classes) where output[index] > output[largest] { largest = index }
    let isNumber = output[largest] == output[largest]
    if isNumber, largest - row * classes == Int(answer) { right += 1 }
  }
  return right
}
