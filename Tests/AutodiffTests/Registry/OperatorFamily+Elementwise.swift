import TributaryOps

@testable import TributaryAutodiff

extension OperatorFamily {
  private static func parametric(_ d: inout Draw) -> ParametricFunction {
    d.pick([
      .leakyRelu(slope: 0.2), .elu(alpha: 0.7, scale: 1.1), .elu(alpha: -0.7, scale: 1),
      .clamp(lower: -0.1, upper: 0.1), .clamp(lower: -.infinity, upper: 0.05), .clamp(lower: -2, upper: 0.5),
      .halfPower(halves: 6), .halfPower(halves: 8),
    ])
  }

  private static func wildParametric(_ d: inout Draw) -> ParametricFunction {
    switch d.below(4) {
    case 0: .leakyRelu(slope: d.number())
    case 3: .halfPower(halves: d.below(21) - 10)
    case 1: .elu(alpha: d.number(), scale: d.number())
    default: .clamp(lower: d.number(), upper: d.number())
    }
  }

  /// Operators that compute each element from those at its place.
  static let elementwise: [OperatorFamily] = [
    OperatorFamily("Unary", wild: { Unary($0.pick(UnaryFunction.allCases)) }) { d in
      let function = d.pick(UnaryFunction.allCases)
      let isForPositive = [.log, .log1p, .sqrt, .rsqrt, .reciprocal].contains(function)
      let shape = d.shape()
      let x = isForPositive ? try d.tensor(shape, in: 0.4...3) : try d.numbers.awayFromZero(shape)
      return OperatorUse(Unary(function), [x])
    },
    OperatorFamily("Binary", wild: { Binary($0.pick(BinaryFunction.allCases)) }) { d in
      let shapes = d.broadcasting(2)
      let function = d.pick(BinaryFunction.allCases)
      return OperatorUse(Binary(function), try shapes.map { try d.tensor($0, in: 0.4...2) })
    },
    OperatorFamily("IntegerDivision", wild: { IntegerDivision($0.pick(IntegerDivisionFunction.allCases)) }) {
      d in
      let function = d.pick(IntegerDivisionFunction.allCases)
      let shapes = d.broadcasting(2)
      let a = try Tensor((0..<shapes[0].elementCount).map { _ in Int64(d.below(99) - 50) }, shape: shapes[0])
      let b = try Tensor((0..<shapes[1].elementCount).map { _ in Int64(1 + d.below(9)) }, shape: shapes[1])
      return OperatorUse(IntegerDivision(function), [a, b])
    },
    OperatorFamily("Compare", wild: { Compare($0.pick(Comparison.allCases)) }) { d in
      let shapes = d.broadcasting(2)
      return OperatorUse(Compare(d.pick(Comparison.allCases)), try shapes.map { try d.tensor($0) })
    },
    OperatorFamily("Logical", wild: { Logical($0.pick(LogicalFunction.allCases)) }) { d in
      let function = d.pick(LogicalFunction.allCases)
      let shapes = d.broadcasting(function == .not ? 1 : 2)
      return OperatorUse(Logical(function), try shapes.map { try d.mask($0) })
    },
    OperatorFamily("Where", wild: { _ in Where() }) { d in
      let shapes = d.broadcasting(3)
      return OperatorUse(Where(), [try d.mask(shapes[0]), try d.tensor(shapes[1]), try d.tensor(shapes[2])])
    },
    OperatorFamily("Cast", wild: { Cast(to: $0.dtype()) }) { d in
      let target = d.dtype()
      return OperatorUse(Cast(to: target), [try d.tensor(d.shape())], order: target == .float64 ? 2 : 0)
    },
    OperatorFamily("BroadcastTo", wild: { BroadcastTo(shape: $0.anyShape()) }) { d in
      let shape = d.shape()
      let lengths = shape.dimensions.dropFirst(d.below(shape.rank + 1)).map { d.below(3) == 0 ? 1 : $0 }
      return OperatorUse(BroadcastTo(shape: shape), [try d.tensor(Shape(lengths))])
    },
    OperatorFamily("StopGradient", wild: { _ in StopGradient() }) { d in
      OperatorUse(StopGradient(), [try d.tensor(d.shape())], order: 0)
    },
    OperatorFamily("Parametric", wild: { Parametric(wildParametric(&$0)) }) { d in
      OperatorUse(Parametric(parametric(&d)), [try d.numbers.awayFromZero(d.shape())])
    },
    OperatorFamily("ParametricGradient", wild: { ParametricGradient(wildParametric(&$0)) }) { d in
      let shape = d.shape()
      return OperatorUse(
        ParametricGradient(parametric(&d)), [try d.tensor(shape), try d.numbers.awayFromZero(shape)])
    },
    OperatorFamily("Accumulate", wild: { _ in Accumulate() }) { d in
      let shape = d.shape()
      return OperatorUse(Accumulate(), try (0...d.below(9)).map { _ in try d.tensor(shape) })
    },
    OperatorFamily("CopyValue", wild: { _ in CopyValue() }) { d in
      OperatorUse(CopyValue(), [try d.mask(d.shape())])
    },
    OperatorFamily("RandomDrop", wild: { RandomDrop(rate: $0.number(), seed: 3, stream: 4) }) { d in
      let rate = d.pick([0.0, 0.3, 0.9, 1])
      return OperatorUse(
        RandomDrop(rate: rate, seed: 3, stream: 4), [try d.tensor(d.shape()), Tensor(Int64(d.below(99)))])
    },
  ]

  private static func pairLoss(_ d: inout Draw) -> PairLossFunction {
    d.pick([.absolute, .huber(delta: 0.8), .binaryCrossEntropy, .divergence, .logDivergence])
  }

  private static func wildPairLoss(_ d: inout Draw) -> PairLossFunction {
    d.pick([.absolute, .huber(delta: d.number()), .binaryCrossEntropy, .divergence, .logDivergence])
  }

  /// Two operands far from the kinks of a loss, the second as eighths, since targets have no derivative for some.
  private static func pair(
    _ function: PairLossFunction, _ d: inout Draw, _ a: Shape, _ b: Shape
  ) throws -> (x: Tensor, eighths: Tensor) {
    let eighths = try Tensor(
      (0..<b.elementCount).map { _ in Int64(function == .absolute ? 16 + d.below(8) : 1 + d.below(7)) },
      shape: b)
    return (try d.tensor(a, in: -1.5 ... -0.8), eighths)
  }

  /// Losses of pairs and of classes, with their gradients.
  static let losses: [OperatorFamily] = [
    OperatorFamily("PairLoss", wild: { PairLoss(wildPairLoss(&$0)) }) { d in
      let function = pairLoss(&d)
      let shapes = d.broadcasting(2)
      let (x, eighths) = try pair(function, &d, shapes[0], shapes[1])
      return OperatorUse([x, eighths]) { g, x in
        g.apply(PairLoss(function), to: [x[0], cast(x[1], to: x[0].dtype) * 0.125])
      }
    },
    OperatorFamily("PairLossGradient", wild: { PairLossGradient(wildPairLoss(&$0)) }) { d in
      let function = d.pick([PairLossFunction.absolute, .huber(delta: 0.8), .binaryCrossEntropy])
      let shapes = d.broadcasting(3)
      let (x, eighths) = try pair(function, &d, shapes[0], shapes[1])
      return OperatorUse([try d.tensor(shapes[2]), x, eighths]) { g, x in
        g.apply(PairLossGradient(function), to: [x[0], x[1], cast(x[2], to: x[0].dtype) * 0.125])
      }
    },
    OperatorFamily(
      "CrossEntropy",
      wild: {
        CrossEntropy(
          reduction: $0.pick(Reduction.allCases), ignoreIndex: $0.optional(), labelSmoothing: $0.number())
      }
    ) { d in
      let (shape, labels) = classes(&d)
      let applied = CrossEntropy(
        reduction: d.pick(Reduction.allCases), ignoreIndex: d.coin() ? nil : 0,
        labelSmoothing: d.pick([0, 0.2]))
      let classes = try d.indices(labels, below: shape[1])
      return OperatorUse(applied, [try d.tensor(shape), classes])
    },
    OperatorFamily(
      "CrossEntropyGradient",
      wild: {
        CrossEntropyGradient(
          reduction: $0.pick(Reduction.allCases), ignoreIndex: $0.optional(), labelSmoothing: $0.number())
      }
    ) { d in
      let (shape, labels) = classes(&d)
      let reduction = d.pick(Reduction.allCases)
      let applied = CrossEntropyGradient(
        reduction: reduction, ignoreIndex: d.coin() ? nil : 0, labelSmoothing: d.pick([0, 0.2]))
      let classes = try d.indices(labels, below: shape[1])
      return OperatorUse(
        applied, [try d.tensor(reduction == .none ? labels : []), try d.tensor(shape), classes])
    },
  ]

  /// Logits [N, C, …] and the shape of their classes.
  private static func classes(_ d: inout Draw) -> (logits: Shape, classes: Shape) {
    var shape = d.shape(2...4, empty: false)
    if d.below(8) == 0, shape.rank > 2 { shape[2] = 0 }
    var labels = shape.dimensions
    labels.remove(at: 1)
    return (shape, Shape(labels))
  }

  /// Steps of optimisers, of a parameter and what belongs to it; they have no derivatives.
  static let updates: [OperatorFamily] = [
    update("SGDUpdate", tensors: 2, { _ in SGDUpdate() }),
    update("MomentumUpdate", tensors: 3, { MomentumUpdate(momentum: 0.9, nesterov: $0.coin()) }),
    update("AdamUpdate", tensors: 4, counted: true) { _ in
      AdamUpdate(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01)
    },
    update("RMSPropUpdate", tensors: 3, { _ in RMSPropUpdate(alpha: 0.99, epsilon: 1e-8) }),
    update("AdagradUpdate", tensors: 3, { _ in AdagradUpdate(epsilon: 1e-10) }),
    OperatorFamily("CheckFinite", wild: { _ in CheckFinite() }) { d in
      OperatorUse(CheckFinite(), try (0...d.below(3)).map { _ in try d.tensor(d.shape()) }, order: 0)
    },
    OperatorFamily(
      "ScheduledRate",
      wild: {
        ScheduledRate(
          .step(initial: $0.number(), gamma: $0.number(), every: $0.integer()), dtype: $0.dtype())
      }
    ) { d in
      let schedule: LearningRateSchedule = d.pick([
        .constant(0.1), .cosine(peak: 1, floor: 0.1, total: 20), .step(initial: 1, gamma: 0.5, every: 3),
        .warmupLinear(peak: 1, warmup: 5, total: 20),
      ])
      return OperatorUse(ScheduledRate(schedule, dtype: .float64), [Tensor(Int64(d.below(30)))])
    },
  ]

  private static func update(
    _ type: String, tensors: Int, counted: Bool = false,
    _ make: @escaping @Sendable (inout Draw) -> any Operator
  ) -> OperatorFamily {
    OperatorFamily(type, wild: make) { d in
      let shape = d.shape()
      let values = try (0..<tensors).map { _ in try d.tensor(shape, in: 0.1...1) }
      let count = counted ? [Tensor(Int64(1 + d.below(9)))] : []
      return OperatorUse(make(&d), values + [Tensor(0.01)] + count, order: 0)
    }
  }
}
