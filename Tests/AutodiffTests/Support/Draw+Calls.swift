import TributaryAutodiff
import TributaryOps

/// Calls of the library's functions with any arguments.
extension Draw {
  /// A call on some operands; what it returns.
  mutating func call(_ g: GraphBuilder, _ x: [Value]) -> [Value] {
    guard let first = x.first, let last = x.last else {
      switch below(4) {
      case 0: return [concat([]), einsum("", [])]
      case 1: return [g.randomUniform(anyShape(), low: number(), high: number(), dtype: dtype())]
      case 2:
        return [g.iota(anyShape(), axis: integer()), g.arange(from: number(), to: number(), by: number())]
      default:
        return [
          g.triangularMask(rows: integer(), columns: integer(), diagonal: integer()),
          g.causalMask(queries: integer(), keys: optional()),
        ]
      }
    }
    switch below(5) {
    case 0: return shapeCall(x, first, last)
    case 1: return reductionCall(x, first, last)
    case 2: return networkCall(first, last, x[x.count / 2])
    case 3: return lossCall(first, last)
    default: return builderCall(g, x, first, last)
    }
  }

  private mutating func pads() -> [(before: Int, after: Int)] { pairs().map { (before: $0.0, after: $0.1) } }

  private mutating func shapeCall(_ x: [Value], _ first: Value, _ last: Value) -> [Value] {
    switch below(12) {
    case 0: return [reshape(first, anyShape()), broadcast(first, to: anyShape())]
    case 1: return [transpose(first, permutation: integers()), swapAxes(first, integer(), integer())]
    case 2: return [concat(x, axis: integer()), stack(x, axis: integer())]
    case 3: return split(first, sizes: integers(), axis: integer())
    case 4:
      let count = below(4)
      return [
        slice(
          first, starts: (0..<count).map { _ in optional() }, stops: (0..<count).map { _ in optional() },
          steps: (0..<count).map { _ in optional() })
      ]
    case 5: return [slice(first, axis: integer(), 0..<Swift.max(0, integer()))]
    case 6: return [pad(first, pads(), value: number()), reflectPad(first, pads())]
    case 7: return [tile(first, repeats: integers()), flip(first, axes: coin() ? nil : integers())]
    case 8: return [roll(first, shifts: integers()), roll(last, shifts: integers(), axes: integers())]
    case 9: return [gather(first, last, axis: integer()), indexSelect(first, last, axis: integer())]
    case 10: return [scatterAdd(first, last, first, axis: integer()), embedding(first, last)]
    default: return [oneHot(first, count: integer(), dtype: last.dtype), cast(first, to: last.dtype)]
    }
  }

  private mutating func reductionCall(_ x: [Value], _ first: Value, _ last: Value) -> [Value] {
    switch below(10) {
    case 0: return [sum(first, axes: integers()), mean(last, axes: integers(), keepDimensions: true)]
    case 1: return [logSumExp(first, axes: integers()), norm(first, axes: integers())]
    case 2: return [prod(first, axes: integers()), variance(last, axes: integers(), correction: integer())]
    case 3: return [argMax(first, axis: optional()), argMin(last, axis: optional(), keepDimensions: true)]
    case 4: return [cumulativeSum(first, axis: integer(), reversed: coin()), anyTrue(last, axes: integers())]
    case 5: return [softmax(first, axis: integer()), logSoftmax(first, axis: integer())]
    case 6: return [sort(first, axis: integer()).values, topK(last, integer(), axis: integer()).indices]
    case 7: return [first * .nan, 1e300 * first, first .> .infinity, pow(first, -0.5), maximum(first, 3)]
    case 8: return [logicalAnd(first, last), logicalNot(first), select(first, last, first)]
    default: return [floorDivide(first, integer()), remainder(first, last), first + last]
    }
  }

  private mutating func networkCall(_ x: Value, _ w: Value, _ z: Value) -> [Value] {
    let layout = pick(ImageLayout.allCases)
    switch below(10) {
    case 0: return [matmul(x, w, transposeA: coin(), transposeB: coin())]
    case 1:
      return [
        conv2d(
          x, w, bias: coin() ? z : nil, stride: plane(), padding: plane(), dilation: plane(),
          groups: integer(), layout: layout)
      ]
    case 2:
      return [
        convTranspose2d(
          x, w, stride: plane(), padding: plane(), outputPadding: plane(), groups: integer(), layout: layout)
      ]
    case 3: return [conv1d(x, w, stride: integer(), padding: integer(), layout: layout)]
    case 4: return [maxPool2d(x, kernel: plane(), stride: plane(), padding: plane(), layout: layout)]
    case 5:
      return [
        avgPool2d(x, kernel: plane(), padding: plane(), countsPadding: coin(), layout: layout),
        adaptiveAvgPool2d(x, outputSize: plane(), layout: layout), globalAvgPool2d(w, layout: layout),
      ]
    case 6:
      return [
        layerNorm(x, weight: w, normalizedRank: integer(), epsilon: number()),
        rmsNorm(x, weight: w, normalizedRank: integer()), groupNorm(x, groups: integer(), weight: w),
      ]
    case 7:
      return [
        batchNorm(x, weight: w, runningMean: z, runningVariance: z, momentum: number(), axis: integer()).y,
        batchNormInference(x, mean: z, variance: w, axis: integer()),
      ]
    case 8: return [scaledDotProductAttention(x, w, z, causal: coin(), scale: coin() ? nil : number())]
    default:
      return [dropout(x, rate: number(), isTraining: coin(), step: coin() ? nil : z), tril(x), triu(w)]
    }
  }

  private mutating func lossCall(_ first: Value, _ last: Value) -> [Value] {
    switch below(9) {
    case 0: return [crossEntropy(first, last, ignoreIndex: optional(), labelSmoothing: number())]
    case 1: return [negativeLogLikelihood(first, last, ignoreIndex: optional())]
    case 2: return [meanSquaredError(first, last), contrastiveLoss(first, last, first, margin: number())]
    case 3: return [meanAbsoluteError(first, last), huberLoss(first, last, delta: number())]
    case 4:
      return [
        binaryCrossEntropy(logits: first, targets: last), klDivergence(first, last), outer(first, last),
      ]
    case 5: return [leakyRelu(first, negativeSlope: number()), elu(last, alpha: number()), selu(first)]
    case 6: return [clamp(first, min: coin() ? nil : number(), max: coin() ? nil : number())]
    case 7: return [exp(first), gelu(last), rsqrt(first), silu(last), erf(first), sign(last)]
    default: return [einsum(pick(Self.equations), [first, last].dropLast(below(2)).map { $0 })]
    }
  }

  private static let equations = [
    "ij,jk->ik", "ij,jk", "ii->i", "i,i->", "...i,...i->...", "ij->ji", "i...", "->", "abcde,fghij",
    "i,j,k->kji", "ij->k", "a->a->a", "!", "..,i",
  ]

  private mutating func builderCall(
    _ g: GraphBuilder, _ x: [Value], _ first: Value, _ last: Value
  ) -> [Value] {
    let axis = integer()
    switch below(8) {
    case 0: return g.clipByGlobalNorm(x, maximum: number()).values
    case 1: return g.clipByValue(x, bound: number())
    case 2:
      let loop = g.scan(carrying: [first], over: [last], length: optional()) { carried, slices in
        ([tanh(carried[0] + slices[0])], [softmax(slices[0], axis: axis)])
      }
      return loop.carried + loop.outputs
    case 3: return g.map(over: x) { slices in [sum(slices[0]), slices[slices.count - 1] + first] }
    case 4:
      return g.cond(first) {
        [last * 2]
      } else: {
        [transpose(last)]
      }
    case 5:
      // Whatever the sum does, the loop ends.
      return g.whileLoop(carrying: [first, g.constant(0, dtype: .int64)]) { carried in
        logicalAnd(sum(carried[0]) .< 0, carried[1] .< 8)
      } do: { carried in
        [carried[0] + last, carried[1] + 1]
      }
    case 6: return [g.recompute { tanh(first) * last }]
    default:
      return [
        g.jacobian(of: first, withRespectTo: last, productLimit: 4),
        g.hessian(of: first, withRespectTo: last, productLimit: 4),
      ]
    }
  }
}
