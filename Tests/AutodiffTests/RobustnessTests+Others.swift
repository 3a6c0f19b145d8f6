import TributaryAutodiff
import TributaryOps

extension RobustnessTests.Draw {
  private mutating func number() -> Double {
    let numbers = [0, 1, -1, 0.5, -2, 1e300, .infinity, .nan]
    return numbers[below(numbers.count)]
  }

  /// An operator of the families with constants, of losses, searches, sums and rearrangements.
  mutating func otherApplied() -> any Operator {
    let losses: [PairLossFunction] = [
      .absolute, .huber(delta: number()), .binaryCrossEntropy, .divergence, .logDivergence,
    ]
    let functions: [ParametricFunction] = [
      .leakyRelu(slope: number()), .elu(alpha: number(), scale: number()),
      .clamp(lower: number(), upper: number()),
    ]
    switch below(9) {
    case 0: return Parametric(functions[below(3)])
    case 1: return ParametricGradient(functions[below(3)])
    case 2: return PairLoss(losses[below(5)])
    case 3: return PairLossGradient(losses[below(5)])
    case 4: return Variance(axes: integers(), keepDimensions: below(2) == 0, correction: integer())
    case 5: return ArgExtreme(.largest, axis: below(3) == 0 ? nil : integer(), keepDimensions: below(2) == 0)
    case 6: return CumulativeSum(axis: integer(), reversed: below(2) == 0)
    case 7: return Roll(shifts: integers())
    default: return ReflectPad(pads: (0..<below(4)).map { _ in integers() })
    }
  }

  private static let equations = [
    "ij,jk->ik", "ij,jk", "ii->i", "i,i->", "...i,...i->...", "ij->ji", "i...", "->", "abcde,fghij",
    "i,j,k->kji",
    "ij->k", "a->a->a", "!", "..,i",
  ]

  /// A call of one of their functions.
  mutating func otherCall(_ x: [Value], _ first: Value, _ last: Value) -> [Value] {
    switch below(12) {
    case 0: return [leakyRelu(first, negativeSlope: number()), elu(last, alpha: number()), selu(first)]
    case 1:
      return [clamp(first, min: below(2) == 0 ? nil : number(), max: below(2) == 0 ? nil : number())]
    case 2: return [prod(first, axes: integers()), variance(last, axes: integers(), correction: integer())]
    case 3: return [argMax(first, axis: optional()), argMin(last, axis: optional(), keepDimensions: true)]
    case 4: return [cumulativeSum(first, axis: integer(), reversed: below(2) == 0)]
    case 5: return [tile(first, repeats: integers())]
    case 6: return [flip(first, axes: below(3) == 0 ? nil : integers()), roll(last, shifts: integers())]
    case 7: return [roll(first, shifts: integers(), axes: integers())]
    case 8: return [reflectPad(first, (0..<below(4)).map { _ in (integer(), integer()) })]
    case 9: return [meanAbsoluteError(first, last), huberLoss(first, last, delta: number())]
    case 10:
      return [
        binaryCrossEntropy(logits: first, targets: last), klDivergence(first, last), outer(first, last),
      ]
    default: return [einsum(Self.equations[below(Self.equations.count)], x)]
    }
  }
}
