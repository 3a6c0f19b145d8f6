import TributaryAutodiff
import TributaryOps

extension GradientCase {
  /// Sorts of distinct numbers, so far apart that a difference's step changes no order.
  static let order: [GradientCase] = [
    GradientCase("sort", points: { [try $0.distinct([7])] }, { _, x in pow(sort(x[0]).values, 3) }),
    GradientCase(
      "sort of columns, descending", points: { [try $0.distinct([5, 4])] },
      { _, x in square(sort(x[0], axis: 0, descending: true).values) * sort(x[0], axis: 0).values }),
    GradientCase(
      "sort in the middle", points: { [try $0.distinct([2, 5, 3])] },
      { _, x in square(sort(x[0], axis: 1).values) }),
    GradientCase(
      "sort of a long row", points: { [try $0.distinct([120])] }, { _, x in square(sort(x[0]).values) }),
    GradientCase(
      "largest three", points: { [try $0.distinct([3, 8])] }, { _, x in square(topK(x[0], 3).values) }),
    GradientCase(
      "least two of columns", points: { [try $0.distinct([20, 3])] },
      { _, x in square(topK(x[0], 2, axis: 0, largest: false).values) }),
    GradientCase(
      "gathered by argsort", points: { [try $0.distinct([4, 5]), try $0.tensor([4, 5])] },
      { _, x in square(gather(x[1], argsort(x[0]), axis: 1)) }),
  ]

  /// Triangles and random masks.
  static let masks: [GradientCase] =
    [-2, 0, 1, 9].flatMap { diagonal in
      [
        GradientCase(
          "lower triangle \(diagonal)", points: { [try $0.tensor([2, 4, 3])] },
          { _, x in square(tril(x[0], diagonal: diagonal)) }),
        GradientCase(
          "upper triangle \(diagonal)", points: { [try $0.tensor([3, 4])] },
          { _, x in square(triu(x[0], diagonal: diagonal)) }),
      ]
    }
    + [0.0, 0.3, 0.9, 1.0].map { rate in
      GradientCase(
        "dropout \(rate)", points: { [try $0.tensor([6, 7])] },
        { g, x in square(dropout(x[0], rate: rate, seed: 5, step: g.constant(Tensor(Int64(3))))) })
    }
    + [
      GradientCase(
        "noise times x", points: { [try $0.tensor([4, 5])] },
        { g, x in
          let noise = g.randomNormal([4, 5], dtype: .float64, step: g.constant(Tensor(Int64(1))))
          return square(x[0] * noise)
        })
    ]
}
