import TributaryAutodiff
import TributaryOps

extension OperatorFamily {
  /// A shape whose axes to be reduced are not empty.
  private static func reduced(_ d: inout Draw, empty: Bool = false) -> (shape: Shape, axes: [Int]) {
    var shape = d.shape()
    let axes = d.axes(of: shape)
    if !empty { for axis in axes where shape[axis] == 0 { shape[axis] = 1 } }
    return (d.fitting(shape), axes)
  }

  /// Operators that make few elements of many, or whose elements depend on all along an axis.
  static let reductions: [OperatorFamily] = [
    OperatorFamily(
      "Reduce",
      wild: {
        Reduce($0.pick(ReduceFunction.allCases), axes: $0.integers(), keepDimensions: $0.coin())
      }
    ) { d in
      let function = d.pick(ReduceFunction.allCases)
      let (shape, axes) = reduced(&d, empty: function == .sum || function == .prod)
      let isExtreme = function == .max || function == .min
      let x = isExtreme ? try d.numbers.distinct(shape) : try d.numbers.awayFromZero(shape)
      return OperatorUse(Reduce(function, axes: axes, keepDimensions: d.coin()), [x])
    },
    OperatorFamily("Norm", wild: { Norm(axes: $0.integers(), keepDimensions: $0.coin()) }) { d in
      let (shape, axes) = reduced(&d)
      return OperatorUse(Norm(axes: axes, keepDimensions: d.coin()), [try d.numbers.awayFromZero(shape)])
    },
    OperatorFamily(
      "Variance",
      wild: { Variance(axes: $0.integers(), keepDimensions: $0.coin(), correction: $0.integer()) }
    ) { d in
      let (shape, axes) = reduced(&d)
      let count = axes.reduce(1) { $0 * shape[$1] }
      return OperatorUse(
        Variance(axes: axes, keepDimensions: d.coin(), correction: count > 1 ? d.below(2) : 0),
        [try d.tensor(shape)])
    },
    OperatorFamily(
      "LogicalReduce",
      wild: {
        LogicalReduce(
          $0.pick(LogicalReduceFunction.allCases), axes: $0.integers(), keepDimensions: $0.coin())
      }
    ) { d in
      let (shape, axes) = reduced(&d, empty: true)
      let function = d.pick(LogicalReduceFunction.allCases)
      return OperatorUse(LogicalReduce(function, axes: axes, keepDimensions: d.coin()), [try d.mask(shape)])
    },
    OperatorFamily(
      "ArgExtreme",
      wild: {
        ArgExtreme($0.pick(Extreme.allCases), axis: $0.optional(), keepDimensions: $0.coin())
      }
    ) { d in
      let shape = d.shape(1...4, empty: false)
      return OperatorUse(
        ArgExtreme(
          d.pick(Extreme.allCases), axis: d.coin() ? nil : d.axis(of: shape), keepDimensions: d.coin()),
        [try d.tensor(shape)])
    },
    OperatorFamily(
      "CumulativeSum", wild: { CumulativeSum(axis: $0.integer(), reversed: $0.coin()) }
    ) { d in
      let shape = d.shape(1...4)
      return OperatorUse(
        CumulativeSum(axis: d.axis(of: shape), reversed: d.coin()), [try d.tensor(shape)])
    },
    OperatorFamily(
      "Sort", wild: { Sort(axis: $0.integer(), descending: $0.coin(), count: $0.optional()) }
    ) { d in
      let shape = d.shape(1...4)
      let axis = d.axis(of: shape)
      let count = d.coin() ? nil : d.below(shape[axis] + 1)
      return OperatorUse(
        Sort(axis: axis, descending: d.coin(), count: count), [try d.numbers.distinct(shape)])
    },
  ]

  /// Operators that normalise rows by exponentials, and attention.
  static let rows: [OperatorFamily] = [
    alongAxis("Softmax", operands: 1) { Softmax(axis: $0) },
    alongAxis("LogSoftmax", operands: 1) { LogSoftmax(axis: $0) },
    alongAxis("SoftmaxGradient", operands: 2) { SoftmaxGradient(axis: $0) },
    alongAxis("LogSoftmaxGradient", operands: 2) { LogSoftmaxGradient(axis: $0) },
    OperatorFamily(
      "Attention",
      wild: { Attention(AttentionForm(isCausal: $0.coin(), scale: $0.coin() ? nil : $0.number())) }
    ) { d in
      let (form, q, k, v, mask) = try attention(&d)
      return OperatorUse(Attention(form), [q, k, v] + mask)
    },
    OperatorFamily(
      "AttentionGradient",
      wild: { AttentionGradient(AttentionForm(isCausal: $0.coin(), scale: $0.coin() ? nil : $0.number())) }
    ) { d in
      let (form, q, k, v, mask) = try attention(&d)
      let outputs = try Attention(form).evaluate(on: [q, k, v] + mask)
      let given = [try d.tensor(outputs[0].shape), q, k, v]
      // A query that sees nothing has the logarithm −∞, and no derivative by it.
      let logarithms = try outputs[1].elements(Double.self)
      let isSeen = logarithms.allSatisfy(\.isFinite)
      return OperatorUse(
        AttentionGradient(form), given + [outputs[1], try d.tensor(outputs[1].shape)] + mask,
        order: isSeen ? 2 : 0)
    },
  ]

  private static func alongAxis(
    _ type: String, operands: Int, _ make: @escaping @Sendable (Int) -> any Operator
  ) -> OperatorFamily {
    OperatorFamily(type, wild: { make($0.integer()) }) { d in
      let shape = d.shape(1...4)
      return OperatorUse(
        make(d.axis(of: shape)), try (0..<operands).map { _ in try d.tensor(shape) })
    }
  }

  private static func attention(
    _ d: inout Draw
  ) throws -> (AttentionForm, q: Tensor, k: Tensor, v: Tensor, mask: [Tensor]) {
    let isLarge = d.size > 100
    func some(_ d: inout Draw, _ small: Int, _ large: Int) -> Int { 1 + d.below(isLarge ? large : small) }
    let leading = (0..<d.below(3)).map { _ in d.below(8) == 0 ? 0 : 1 + d.below(2) }
    let (queries, keys) = (some(&d, 3, 40), some(&d, 3, 40))
    let (width, values) = (some(&d, 3, 9), some(&d, 3, 9))
    let form = AttentionForm(isCausal: d.coin(), scale: d.coin() ? nil : 0.7)
    // Every query sees the first key.
    let masks = d.below(3)
    let scores: Shape = [queries, keys]
    var mask: [Tensor] = []
    if masks == 1 {
      let seen = (0..<scores.elementCount).map { index in index % keys == 0 || d.coin() }
      mask = [try Tensor(seen, shape: scores)]
    } else if masks == 2 {
      mask = [try d.tensor(scores)]
    }
    return (
      form, try d.tensor(Shape(leading + [queries, width])), try d.tensor(Shape(leading + [keys, width])),
      try d.tensor(Shape(leading + [keys, values])), mask
    )
  }
}
