import TributaryOps

extension OperatorCase {
  /// Shapes with the axes to reduce: trailing, leading, in the middle, alternating, all, none, and empty ones.
  static let reducedAxes: [(Shape, [Int])] = [
    ([], []), ([1], [0]), ([31], [0]), ([32], [0]), ([1000], [0]), ([70, 97], [1]), ([70, 97], [0]),
    ([70, 97], [0, 1]),
    ([70, 3], [1]), ([70, 3], [0]), ([4, 5, 6], [1]), ([4, 5, 6], [0, 2]), ([3, 700], [0]),
    ([7, 1, 33], [1]), ([9, 7, 31], [2]), ([8, 9, 3], [1]), ([9, 2, 17], [0, 2]),
    ([2, 3, 4, 5], [0, 2]), ([2, 3, 4, 5], [1, 3]), ([2, 3, 4, 5, 6], [0, 2, 4]), ([6, 5], []),
    ([5, 0], [1]),
    ([0, 5], [0]), ([0, 5], [1]), ([2, 0, 3], [0]), ([2, 0, 3, 4], [1, 3]),
  ]

  /// Reductions.
  static var reductions: [OperatorCase] {
    var random = TestRandom(2)
    var cases: [OperatorCase] = []
    for (shape, axes) in reducedAxes {
      for dtype in [DType.float32, .float64] {
        let x = random.tensor(dtype, shape)
        cases.append(OperatorCase(Reduce(.sum, axes: axes), x))
        cases.append(OperatorCase(Reduce(.mean, axes: axes, keepDimensions: true), x))
        cases.append(OperatorCase(Norm(axes: axes, keepDimensions: true), x))
        if !axes.contains(where: { shape[$0] == 0 }) {
          cases.append(OperatorCase(Reduce(.max, axes: axes, keepDimensions: true), x))
          cases.append(OperatorCase(Reduce(.min, axes: axes), x))
        }
      }
    }
    for dtype in [DType.int32, .int64] {
      let x = random.tensor(dtype, [40, 50], in: -9...9)
      for function in [ReduceFunction.sum, .max, .min] {
        cases.append(OperatorCase(Reduce(function, axes: [0]), x))
        cases.append(OperatorCase(Reduce(function, axes: [1]), x))
      }
    }
    return cases
  }
}
