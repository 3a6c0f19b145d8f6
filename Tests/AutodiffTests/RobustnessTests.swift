import Testing
import TributaryAutodiff
import TributaryOps

/// Whatever a caller passes, building records mistakes and never traps: a trap would end the whole test run.
@Suite struct RobustnessTests {
  private static let lengths = [0, 0, 0, 1, 1, 1, 2, 3, -1, -1, -2, 7, Int.max, Int.min, 1 << 40]

  struct Draw {
    var numbers: Numbers

    mutating func below(_ bound: Int) -> Int { Int(numbers.next() * Double(bound)) }

    mutating func integer() -> Int { RobustnessTests.lengths[below(RobustnessTests.lengths.count)] }

    mutating func integers() -> [Int] { (0..<below(5)).map { _ in integer() } }

    mutating func optional() -> Int? { below(3) == 0 ? nil : integer() }

    mutating func shape() -> Shape {
      Shape((0..<below(10)).map { _ in below(3) == 0 ? integer() : 1 + below(3) })
    }

    /// Operands: often of one shape, mostly sound, of any element type.
    mutating func operands(_ g: GraphBuilder) -> [Value] {
      let common = Shape((0..<below(4)).map { _ in below(8) == 0 ? 0 : 1 + below(3) })
      return (0..<below(4)).map { index in
        let other = below(3) == 0 ? shape() : Shape((0..<below(4)).map { _ in 1 + below(3) })
        let dtype = below(4) == 0 ? DType.allCases[below(DType.allCases.count)] : .float32
        return g.input("x\(index)", below(3) == 0 ? other : common, dtype: dtype)
      }
    }

    mutating func applied() -> any Operator {
      if below(4) == 0 { return otherApplied() }
      let axis = integer()
      let reduction = Reduction.allCases[below(3)]
      switch below(28) {
      case 0: return Unary(UnaryFunction.allCases[below(UnaryFunction.allCases.count)])
      case 1: return Binary(BinaryFunction.allCases[below(BinaryFunction.allCases.count)])
      case 2: return Compare(Comparison.allCases[below(Comparison.allCases.count)])
      case 3: return Logical(LogicalFunction.allCases[below(3)])
      case 4: return Where()
      case 5: return Cast(to: DType.allCases[below(5)])
      case 6: return Fill(type: TensorType(.float32, shape()), value: .nan)
      case 7: return Iota(type: TensorType(.int64, shape()), axis: axis)
      case 8: return OneHot(classes: axis, dtype: DType.allCases[below(5)])
      case 9:
        return Reduce(
          ReduceFunction.allCases[below(ReduceFunction.allCases.count)], axes: integers(),
          keepDimensions: below(2) == 0)
      case 10: return Norm(axes: integers(), keepDimensions: below(2) == 0)
      case 11: return BroadcastTo(shape: shape())
      case 12: return Reshape(shape: shape())
      case 13: return Transpose(permutation: integers())
      case 14: return Concat(axis: axis)
      case 15: return Slice(starts: integers(), stops: integers(), steps: integers())
      case 16: return SliceScatter(starts: integers(), steps: integers(), shape: shape())
      case 17: return Pad(pads: (0..<below(4)).map { _ in integers() }, value: 0)
      case 18: return Softmax(axis: axis)
      case 19: return LogSoftmaxGradient(axis: axis)
      case 20: return CrossEntropy(reduction: reduction, ignoreIndex: optional(), labelSmoothing: 2)
      case 21: return CrossEntropyGradient(reduction: reduction, ignoreIndex: optional(), labelSmoothing: -1)
      case 22: return Embedding()
      case 23: return EmbeddingGradient(rows: axis)
      case 24: return ScatterAdd(axis: axis)
      case 25: return below(2) == 0 ? Gather(axis: axis) : IndexSelect(axis: axis)
      case 26:
        return MatMul(transposeA: below(2) == 0, transposeB: below(2) == 0, accumulating: below(4) == 0)
      default: return below(2) == 0 ? Accumulate() : CheckFinite()
      }
    }

    mutating func call(_ x: [Value]) -> [Value] {
      guard let first = x.first, let last = x.last else { return [concat([]), einsum("", [])] }
      if below(4) == 0 { return otherCall(x, first, last) }
      switch below(20) {
      case 0: return [sum(first, axes: integers()), mean(last, axes: integers(), keepDimensions: true)]
      case 1: return [logSumExp(first, axes: integers()), norm(first, axes: integers())]
      case 2: return [reshape(first, shape()), broadcast(first, to: shape())]
      case 3: return [transpose(first, permutation: integers()), swapAxes(first, integer(), integer())]
      case 4: return [concat(x, axis: integer()), stack(x, axis: integer())]
      case 5: return split(first, sizes: integers(), axis: integer())
      case 6:
        let count = below(4)
        return [
          slice(
            first, starts: (0..<count).map { _ in optional() }, stops: (0..<count).map { _ in optional() },
            steps: (0..<count).map { _ in optional() })
        ]
      case 7: return [slice(first, axis: integer(), 0..<Swift.max(0, integer()))]
      case 8: return [pad(first, (0..<below(4)).map { _ in (integer(), integer()) })]
      case 9: return [softmax(first, axis: integer()), logSoftmax(first, axis: integer())]
      case 10: return [crossEntropy(first, last, ignoreIndex: optional())]
      case 11: return [negativeLogLikelihood(first, last, ignoreIndex: optional())]
      case 12: return [meanSquaredError(first, last), contrastiveLoss(first, last, first)]
      case 13: return [gather(first, last, axis: integer()), indexSelect(first, last, axis: integer())]
      case 14: return [scatterAdd(first, last, first, axis: integer()), embedding(first, last)]
      case 15: return [oneHot(first, count: integer(), dtype: last.dtype), cast(first, to: last.dtype)]
      case 16: return [first * .nan, 1e300 * first, first .> .infinity, pow(first, -0.5), maximum(first, 3)]
      case 17: return [logicalAnd(first, last), logicalNot(first), select(first, last, first)]
      default:
        return [matmul(first, last, transposeA: below(2) == 0, transposeB: below(2) == 0), first + last]
      }
    }
  }

  @Test("operators with any attributes on any operands", arguments: 0..<8)
  func operators(_ seed: Int) {
    var draw = Draw(numbers: Numbers(seed: 100 + seed))
    var sound = 0
    for _ in 0..<400 {
      let g = GraphBuilder()
      let inputs = draw.operands(g)
      if check(g, inputs, g.apply(draw.applied(), to: inputs)) { sound += 1 }
    }
    // Neither kind of outcome is rare.
    #expect((20...380).contains(sound))
  }

  @Test("functions with any arguments", arguments: 0..<8)
  func functions(_ seed: Int) {
    var draw = Draw(numbers: Numbers(seed: 200 + seed))
    var sound = 0
    for _ in 0..<400 {
      let g = GraphBuilder()
      let inputs = draw.operands(g)
      if check(g, inputs, draw.call(inputs)) { sound += 1 }
    }
    #expect((20...380).contains(sound))
  }

  /// Either there is a graph, which prints, simplifies and differentiates, or an error with reasons.
  private func check(_ g: GraphBuilder, _ inputs: [Value], _ outputs: [Value]) -> Bool {
    do throws(GraphError) {
      let sound = try g.graph(fetching: outputs)
      // Large values are not computed here, only typed.
      let isSmall = sound.nodes.allSatisfy { node in node.outputs.allSatisfy { $0.elementCount < 10_000 } }
      if isSmall { #expect(sound.simplified().fetches.count == outputs.count) }
      #expect(!sound.description.isEmpty && !sound.dot.isEmpty)
      let smooth = outputs.filter { $0.dtype.isFloatingPoint && $0.type.elementCount < 10_000 }
      let variables = inputs.filter(\.dtype.isFloatingPoint)
      let d = g.gradients(of: smooth, cotangents: smooth.map { $0 }, withRespectTo: variables)
      #expect(d.all.map(\.type) == variables.map(\.type))
      _ = try g.graph(fetching: d.all)
      return true
    } catch {
      #expect(!error.issues.isEmpty)
      #expect(error.issues.allSatisfy { !$0.message.isEmpty })
      return false
    }
  }
}
