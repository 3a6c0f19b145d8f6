import TributaryOps

extension OperatorCase {
  /// Functions with constants, losses of pairs, and their gradients.
  static var parametric: [OperatorCase] {
    var random = TestRandom(11)
    var cases: [OperatorCase] = []
    let functions: [ParametricFunction] = [
      .leakyRelu(slope: 0.2), .elu(alpha: 0.7, scale: 1.1), .clamp(lower: -0.5, upper: 1.25),
      .clamp(lower: -.infinity, upper: 0.5),
      .halfPower(halves: -3), .halfPower(halves: 5), .halfPower(halves: 6), .halfPower(halves: -8),
    ]
    for dtype in [DType.float32, .float64] {
      let x = random.tensor(dtype, [3, 517])
      for function in functions {
        cases.append(OperatorCase(Parametric(function), x))
        cases.append(OperatorCase(ParametricGradient(function), random.tensor(dtype, [3, 517]), x))
      }
    }
    for dtype in [DType.int32, .int64] {
      cases.append(
        OperatorCase(Parametric(.clamp(lower: -4, upper: .infinity)), random.tensor(dtype, [70], in: -9...9)))
    }
    let losses: [PairLossFunction] = [
      .absolute, .huber(delta: 0.8), .binaryCrossEntropy, .divergence, .logDivergence,
    ]
    let triples: [(Shape, Shape, Shape)] = [
      ([9, 67], [9, 67], [9, 67]), ([], [9, 67], [9, 67]), ([9, 67], [67], [9, 1]), ([9, 67], [9, 67], []),
      ([2, 3, 4], [3, 1], [2, 1, 4]),
    ]
    for loss in losses {
      for dtype in [DType.float32, .float64] {
        for (g, a, b) in triples {
          let (x, y) = (random.tensor(dtype, a), random.tensor(dtype, b, in: 0...1))
          cases.append(OperatorCase(PairLoss(loss), x, y))
          guard loss != .divergence, loss != .logDivergence else { continue }
          cases.append(OperatorCase(PairLossGradient(loss), random.tensor(dtype, g), x, y))
        }
      }
    }
    return cases
  }

  /// Products, variances, searches and running sums.
  static var statistics: [OperatorCase] {
    var random = TestRandom(12)
    var cases: [OperatorCase] = []
    for (shape, axes) in reducedAxes {
      for dtype in [DType.float32, .float64] {
        let x = random.tensor(dtype, shape)
        cases.append(OperatorCase(Reduce(.prod, axes: axes), x))
        cases.append(OperatorCase(Variance(axes: axes, keepDimensions: true, correction: 1), x))
        guard axes.count < 2, !axes.contains(where: { shape[$0] == 0 }) else { continue }
        for extreme in Extreme.allCases {
          cases.append(OperatorCase(ArgExtreme(extreme, axis: axes.first, keepDimensions: true), x))
        }
      }
    }
    let rows: [(Shape, Int)] = [
      ([31], 0), ([40, 70], 0), ([40, 70], 1), ([3, 5, 7, 4], 2), ([3, 20, 1], 1), ([2, 0, 3], 1),
      ([0, 4], 1),
      ([5, 1, 33], 1), ([4, 3, 150], 1),
    ]
    for dtype in [DType.float32, .float64, .int32, .int64] {
      for (shape, axis) in rows {
        let x = random.tensor(dtype, shape, in: -9...9)
        cases.append(OperatorCase(CumulativeSum(axis: axis), x))
        cases.append(OperatorCase(CumulativeSum(axis: axis, reversed: true), x))
      }
      let x = random.tensor(dtype, [40, 200], in: -9...9)
      cases.append(OperatorCase(Reduce(.prod, axes: [0]), x))
      for axis in [0, 1] { cases.append(OperatorCase(ArgExtreme(.largest, axis: axis), x)) }
      cases.append(OperatorCase(ArgExtreme(.least, axis: nil), x))
    }
    return cases
  }

  /// Rotations and reflections.
  static var rearrangements: [OperatorCase] {
    var random = TestRandom(13)
    var cases: [OperatorCase] = []
    for dtype in DType.allCases {
      let x = random.tensor(dtype, [5, 40])
      cases.append(OperatorCase(Roll(shifts: [2, -13]), x))
      cases.append(OperatorCase(Roll(shifts: [0, 1_000_001]), x))
      cases.append(OperatorCase(ReflectPad(pads: [[4, 1], [0, 39]]), x))
      cases.append(OperatorCase(ReflectPad(pads: [[0, 2], [17, 20]]), x))
    }
    cases.append(OperatorCase(Roll(shifts: [Int.min, 3, 1]), random.tensor(.float32, [4, 1, 18])))
    cases.append(OperatorCase(Roll(shifts: [7, 3]), random.tensor(.float32, [0, 5])))
    cases.append(OperatorCase(Roll(shifts: []), random.tensor(.float32, [])))
    cases.append(OperatorCase(ReflectPad(pads: [[0, 0], [1, 2]]), random.tensor(.float64, [0, 3])))
    return cases
  }
}
