import TributaryOps

extension OperatorCase {
  private static func numbers(_ shape: Shape, _ dtype: DType = .float32, seed: UInt64 = 1) -> Tensor {
    try! Evaluation.tensor(dtype, shape, seed: seed)
  }

  private static func indices(_ shape: Shape, below limit: Int, wide: Bool = true) -> Tensor {
    let values = (0..<shape.elementCount).map { ($0 * 7 + 3) % limit }
    return wide
      ? try! Tensor(values.map(Int64.init), shape: shape) : try! Tensor(values.map(Int32.init), shape: shape)
  }

  /// Operators that normalise rows, and losses.
  static let rows: [OperatorCase] = [
    OperatorCase(Softmax(axis: 1), numbers([33, 70])),
    OperatorCase(Softmax(axis: 0), numbers([33, 70])),
    OperatorCase(Softmax(axis: 1), numbers([3, 5, 7, 4], .float64)),
    OperatorCase(Softmax(axis: 2), numbers([3, 5, 1000])),
    OperatorCase(LogSoftmax(axis: 2), numbers([3, 5, 40])),
    OperatorCase(LogSoftmax(axis: 0), numbers([9, 5, 40])),
    OperatorCase(LogSoftmax(axis: 1), numbers([9, 11, 1], .float64)),
    OperatorCase(SoftmaxGradient(axis: 1), numbers([9, 40]), numbers([9, 40], seed: 2)),
    OperatorCase(SoftmaxGradient(axis: 1), numbers([4, 9, 40]), numbers([4, 9, 40], seed: 2)),
    OperatorCase(LogSoftmaxGradient(axis: 1), numbers([9, 40]), numbers([9, 40], seed: 2)),
    OperatorCase(
      LogSoftmaxGradient(axis: 0), numbers([9, 40], .float64), numbers([9, 40], .float64, seed: 2)),
    OperatorCase(CrossEntropy(reduction: .none), numbers([12, 10]), indices([12], below: 10)),
    OperatorCase(
      CrossEntropy(reduction: .none, ignoreIndex: 3, labelSmoothing: 0.1), numbers([5, 40, 3, 4]),
      indices([5, 3, 4], below: 40, wide: false)),
    OperatorCase(
      CrossEntropy(reduction: .mean, ignoreIndex: 3), numbers([12, 10]), indices([12], below: 10)),
    OperatorCase(CrossEntropy(reduction: .sum), numbers([12, 300], .float64), indices([12], below: 300)),
    OperatorCase(
      CrossEntropyGradient(reduction: .none, labelSmoothing: 0.1), numbers([12]), numbers([12, 10]),
      indices([12], below: 10)),
    OperatorCase(
      CrossEntropyGradient(reduction: .mean, ignoreIndex: 3), numbers([]), numbers([12, 40, 5]),
      indices([12, 5], below: 40)),
    OperatorCase(
      CrossEntropyGradient(reduction: .mean), numbers([], .float64), numbers([12, 10], .float64),
      indices([12], below: 10, wide: false)),
  ]

  /// Operators that move data, in place or by indices.
  static let moves: [OperatorCase] = [
    OperatorCase(Transpose(permutation: [1, 0]), numbers([37, 70])),
    OperatorCase(Transpose(permutation: [2, 0, 1]), numbers([3, 20, 40], .float64)),
    OperatorCase(Concat(axis: 1), numbers([3, 5]), numbers([3, 20], seed: 2), numbers([3, 1], seed: 3)),
    OperatorCase(Slice(starts: [1, 30], stops: [7, 1], steps: [2, -1]), numbers([8, 40])),
    OperatorCase(SliceScatter(starts: [1, 38], steps: [3, -2], shape: [9, 40]), numbers([3, 17])),
    OperatorCase(Pad(pads: [[1, 2], [3, 20]], value: 0.5), numbers([4, 20])),
    OperatorCase(Embedding(), numbers([9, 40]), indices([6, 2], below: 9)),
    OperatorCase(Embedding(), numbers([9, 3], .float64), indices([], below: 9, wide: false)),
    OperatorCase(EmbeddingGradient(rows: 90), numbers([200, 40]), indices([200], below: 90)),
    OperatorCase(
      EmbeddingGradient(rows: 9, accumulating: true), numbers([6, 2, 40]),
      indices([6, 2], below: 9, wide: false),
      numbers([9, 40], seed: 3)),
    OperatorCase(IndexSelect(axis: 0), numbers([9, 40]), indices([5], below: 9)),
    OperatorCase(IndexSelect(axis: 2), numbers([3, 4, 9, 2]), indices([11], below: 9, wide: false)),
    OperatorCase(Gather(axis: 1), numbers([8, 9, 40]), indices([8, 12, 40], below: 9)),
    OperatorCase(Gather(axis: 0), numbers([9, 40], .float64), indices([5, 30], below: 9, wide: false)),
    OperatorCase(
      ScatterAdd(axis: 1), numbers([8, 9, 40]), indices([7, 20, 39], below: 9), numbers([7, 20, 39], seed: 2)),
    OperatorCase(
      ScatterAdd(axis: 0), numbers([9, 40]), indices([30, 40], below: 9), numbers([30, 40], seed: 2)),
  ]
}
