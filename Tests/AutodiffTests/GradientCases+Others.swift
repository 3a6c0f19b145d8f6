import TributaryAutodiff
import TributaryOps

extension GradientCase {
  static let parametric: [GradientCase] = {
    func example(
      _ name: String, smooth: Bool = true, _ shape: Shape, _ function: @escaping @Sendable (Value) -> Value
    ) -> GradientCase {
      GradientCase(
        "\(name) \(shape)", smooth: smooth, points: { [try $0.awayFromZero(shape)] },
        { _, x in function(x[0]) })
    }
    return [[], [7], [2, 1, 3]].flatMap { (shape: Shape) in
      [
        example("leaky relu", smooth: false, shape) { leakyRelu($0, negativeSlope: 0.2) },
        example("leaky relu squared", shape) { square(leakyRelu($0)) },
        example("elu", shape) { elu($0, alpha: 0.7) },
        example("elu of a negative alpha", shape) { elu($0, alpha: -0.7) },
        example("selu", shape) { selu($0) },
        example("clamp", smooth: false, shape) { clamp($0, min: -0.1, max: 0.1) },
        example("clamp cubed", shape) { pow(clamp($0 * 0.2, min: 0.01, max: 0.1) + $0, 3) },
        example("clamp below", smooth: false, shape) { clamp($0, min: 0.1) },
      ]
    }
  }()

  static let pairLosses: [GradientCase] = {
    let shapes: [(Shape, Shape)] = [([3, 4], [3, 4]), ([3, 4], [4]), ([3, 1], [1, 4]), ([], [])]
    let reductions: [Reduction] = [.mean, .sum, .none]
    // Differences that keep away from the kinks at 0 and ±1.
    @Sendable func far(_ numbers: inout Numbers, _ shape: Shape) throws -> Tensor {
      try Tensor((0..<shape.elementCount).map { 3 + Double($0 % 5) + 0.3 * numbers.next() }, shape: shape)
    }
    @Sendable func targets(_ g: GraphBuilder, _ shape: Shape, _ function: (Double) -> Double) -> Value? {
      let values = (0..<shape.elementCount).map { function((Double($0) + 0.5) / Double(shape.elementCount)) }
      return (try? Tensor(values, shape: shape)).map { g.constant($0) }
    }
    return shapes.flatMap { a, b in
      reductions.flatMap { reduction in
        [
          GradientCase(
            "l1 \(a) \(b) \(reduction)", smooth: false, points: { [try $0.tensor(a), try far(&$0, b)] },
            { _, x in meanAbsoluteError(x[0], x[1], reduction: reduction) }),
          GradientCase(
            "l1 squared \(a) \(b) \(reduction)", points: { [try $0.tensor(a), try far(&$0, b)] },
            { _, x in square(meanAbsoluteError(x[0], x[1], reduction: reduction)) }),
          GradientCase(
            "huber near \(a) \(b) \(reduction)",
            points: { [try $0.tensor(a, in: -0.4...0.4), try $0.tensor(b, in: -0.4...0.4)] },
            { _, x in huberLoss(x[0], x[1], reduction: reduction) }),
          GradientCase(
            "huber far \(a) \(b) \(reduction)", points: { [try $0.tensor(a), try far(&$0, b)] },
            { _, x in square(huberLoss(x[0], x[1], delta: 0.5, reduction: reduction)) }),
          GradientCase(
            "bce \(a) \(b) \(reduction)", points: { [try $0.tensor(a, in: -4...4)] },
            { g, x in
              guard let t = targets(g, b, { $0 }) else { return x[0] }
              return binaryCrossEntropy(logits: x[0], targets: t, reduction: reduction)
            }),
          GradientCase(
            "divergence \(a) \(b) \(reduction)", points: { [try $0.tensor(a)] },
            { g, x in
              guard let p = targets(g, b, { $0 }) else { return x[0] }
              return square(klDivergence(logSoftmaxOrSelf(x[0]), p, reduction: .init(reduction)))
            }),
          GradientCase(
            "divergence of logarithms \(a) \(b) \(reduction)", points: { [try $0.tensor(a)] },
            { g, x in
              guard let p = targets(g, b, { 2 * $0 - 2 }) else { return x[0] }
              return square(klDivergence(x[0], p, isLogarithm: true, reduction: .init(reduction)))
            }),
        ]
      }
    }
  }()

  private static func logSoftmaxOrSelf(_ x: Value) -> Value { x.rank > 0 ? logSoftmax(x) : x }

  static let rearrangements: [GradientCase] = [
    GradientCase("flip all", points: { [try $0.tensor([3, 4])] }, { _, x in square(flip(x[0])) * x[0] }),
    GradientCase(
      "flip one", points: { [try $0.tensor([3, 4])] }, { _, x in square(flip(x[0], axes: [-1])) * x[0] }),
    GradientCase(
      "roll", points: { [try $0.tensor([3, 4])] },
      { _, x in square(roll(x[0], shifts: [1, -6], axes: [0, 1])) * x[0] }),
    GradientCase(
      "roll flattened", points: { [try $0.tensor([3, 4])] },
      { _, x in square(roll(x[0], shifts: [5])) * x[0] }),
    GradientCase(
      "reflect pad", points: { [try $0.tensor([3, 4])] },
      { _, x in pow(reflectPad(x[0], [(before: 2, after: 1), (before: 0, after: 3)]), 3) }),
    GradientCase(
      "tile", points: { [try $0.tensor([2, 3])] }, { _, x in pow(tile(x[0], repeats: [2, 1, 3]), 3) }),
    GradientCase(
      "tile a scalar", points: { [try $0.tensor([])] }, { _, x in pow(tile(x[0], repeats: [4]), 3) }),
  ]

  static let einsums: [GradientCase] = {
    let equations: [(String, [Shape])] = [
      ("ij,jk->ik", [[3, 4], [4, 2]]), ("bqhd,bkhd->bhqk", [[2, 3, 2, 2], [2, 2, 2, 2]]),
      ("ii->i", [[4, 4]]),
      ("ii", [[3, 3]]), ("iij->j", [[3, 3, 2]]), ("ij,ij->", [[3, 4], [3, 4]]),
      ("bi,bi->b", [[3, 4], [3, 4]]),
      ("bi,ij,bj->b", [[2, 3], [3, 4], [2, 4]]), ("i,j,k->kji", [[2], [3], [2]]),
      ("...i,...i->...", [[2, 3, 4], [3, 4]]),
      ("ij->", [[2, 3]]), ("ab,b->ab", [[2, 3], [3]]), ("i,i,i->i", [[4], [4], [4]]),
      (",ij->ji", [[], [2, 3]]),
      ("ij,kj->ik", [[1, 3], [2, 3]]), ("ij,jk->ik", [[2, 1], [3, 2]]),
    ]
    return equations.map { equation, shapes in
      GradientCase(
        "einsum \(equation) \(shapes)", points: { numbers in try shapes.map { try numbers.tensor($0) } },
        { _, x in square(einsum(equation, x)) })
    } + [
      GradientCase(
        "outer", points: { [try $0.tensor([3]), try $0.tensor([4])] }, { _, x in square(outer(x[0], x[1])) })
    ]
  }()

  static let statistics: [GradientCase] = {
    let axes: [(Shape, [Int]?)] = [
      ([3, 5], nil), ([3, 5], [0]), ([3, 5], [-1]), ([2, 3, 4], [0, 2]), ([2, 3, 4], [1]), ([], nil),
      ([1, 4], [0]),
      ([2, 3, 2, 2], [1, 2]),
    ]
    let reduced = axes.flatMap { shape, axes in
      [
        GradientCase(
          "prod \(shape) over \(axes.map(\.description) ?? "all")", points: { [try $0.awayFromZero(shape)] },
          { _, x in prod(x[0], axes: axes) }),
        GradientCase(
          "prod with zeros \(shape) over \(axes.map(\.description) ?? "all")",
          points: { numbers in
            let values = (0..<shape.elementCount).map { $0 % 4 == 1 ? 0 : 1 + numbers.next() }
            return [try Tensor(values, shape: shape)]
          },
          { _, x in prod(x[0], axes: axes, keepDimensions: true) }),
        GradientCase(
          "variance \(shape) over \(axes.map(\.description) ?? "all")", points: { [try $0.tensor(shape)] },
          { _, x in square(variance(x[0], axes: axes, keepDimensions: true)) }),
      ]
    }
    return reduced + [
      GradientCase(
        "unbiased variance", points: { [try $0.tensor([4, 3])] },
        { _, x in pow(variance(x[0], axes: [0], correction: 1), 2) }),
      GradientCase(
        "running sum", points: { [try $0.tensor([3, 4])] }, { _, x in square(cumulativeSum(x[0], axis: 0)) }),
      GradientCase(
        "running sum from the end", points: { [try $0.tensor([2, 11])] },
        { _, x in square(cumulativeSum(x[0], axis: -1, reversed: true)) }),
    ]
  }()
}

extension DivergenceReduction {
  init(_ reduction: Reduction) {
    switch reduction {
    case .mean: self = .mean
    case .sum: self = .sum
    case .none: self = .none
    }
  }
}
