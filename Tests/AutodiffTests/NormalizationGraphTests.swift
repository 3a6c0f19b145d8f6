import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

@Suite(.serialized) struct NormalizationGraphTests {
  /// A graph through every normalisation and attention, with all gradients, large enough to be cut.
  private func model() throws -> (graph: Graph, fetches: [Value], feeds: [Value: Tensor]) {
    var numbers = Numbers(seed: 9)
    let g = GraphBuilder()
    var feeds: [Value: Tensor] = [:]
    func feed(_ name: String, _ shape: Shape) throws -> Value {
      let value = g.input(name, shape, dtype: .float64)
      feeds[value] = try numbers.tensor(shape)
      return value
    }
    let x = try feed("x", [2, 130, 24])
    let (w, b) = (try feed("w", [24]), try feed("b", [24]))
    let (c, mask) = (try feed("c", [130]), try feed("mask", [130, 130]))
    let rows = rmsNorm(layerNorm(x, weight: w, bias: b), weight: w)
    let heads = transpose(reshape(rows, [2, 130, 3, 8]), permutation: [0, 2, 1, 3])
    let attended = scaledDotProductAttention(heads, heads, heads, mask: mask, causal: true)
    let joined = reshape(transpose(attended, permutation: [0, 2, 1, 3]), [2, 130, 24])
    let grouped = groupNorm(joined + x, groups: 13, weight: c, bias: c)
    let batch = batchNorm(grouped, weight: c, runningMean: c, runningVariance: c)
    let last = batchNormInference(batch.y, weight: w, bias: b, mean: w, variance: square(b), axis: 2)
    let loss = mean(square(last)) + sum(batch.runningMean * batch.runningVariance)
    let gradients = g.gradients(of: loss, withRespectTo: [x, w, b, c, mask]).all
    let fetches = [loss, batch.runningMean] + gradients
    return (try g.graph(fetching: fetches), fetches, feeds)
  }

  @Test(arguments: [Granularity.default, .finest])
  func cutsAndThreadsGiveTheBitsOfTheWhole(_ granularity: Granularity) throws {
    let (graph, fetches, feeds) = try model()
    var shards = 0
    func outputs(_ granularity: Granularity, on executor: GraphExecutor) throws -> [Tensor] {
      let executable = try Executable(
        graph: graph, fetching: fetches, options: CompileOptions(granularity: granularity))
      shards = ShardPlan(executable.plan.graph, granularity: granularity).regions.filter { !$0.isEmpty }.count
      return try executable.run(on: executor, feeding: feeds).tensors
    }
    let named = Dictionary(uniqueKeysWithValues: feeds.map { ($0.key.name, $0.value) })
    let expected = try GraphInterpreter(graph).run(feeding: named, states: [:])
    let whole = try outputs(.whole, on: Executors.one)
    for (ours, theirs) in zip(whole, expected.fetches) {
      #expect(try ours.isClose(to: theirs, absolute: 1e-11, relative: 1e-9))
    }
    for executor in Executors.all {
      #expect(try outputs(granularity, on: executor).map(\.bytes) == whole.map(\.bytes))
    }
    #expect(shards > (granularity == .finest ? 20 : 2), "operators that were cut")
  }

  @Test func attentionKeepsNoMatrixOfScores() throws {
    let g = GraphBuilder()
    let x = g.input("x", [1, 2, 1024, 8])
    let loss = sum(square(scaledDotProductAttention(x, x, x, causal: true)))
    let gradient = g.gradients(of: loss, withRespectTo: [x]).all
    let graph = try g.graph(fetching: gradient)
    let largest = graph.nodes.flatMap(\.outputs).map(\.elementCount).max()
    #expect(largest == x.type.elementCount)
  }

  /// Mistakes are recorded with the function's name and say what was given.
  @Test func mistakesAreNamed() throws {
    let g = GraphBuilder()
    let x = g.input("x", [4, 6])
    let w = g.input("w", [6])
    let narrow = g.input("narrow", [4])
    let wide = g.input("wide", [6], dtype: .float64)
    let mask = g.input("mask", [3, 3], dtype: .bool)
    let one = g.input("one", [1, 6])
    func batch(_ x: Value, mean: Value? = nil, momentum: Double = 0.1, axis: Int = 1, epsilon: Double = 1e-5)
      -> Value
    {
      batchNorm(
        x, runningMean: mean ?? w, runningVariance: w, momentum: momentum, epsilon: epsilon, axis: axis
      ).runningVariance
    }
    let mistakes: [(() -> Value, [String])] = [
      ({ layerNorm(x, weight: narrow) }, ["layer_norm", "f32[6]", "f32[4]"]),
      ({ layerNorm(x, bias: narrow) }, ["layer_norm", "f32[6]", "f32[4]"]),
      ({ layerNorm(x, normalizedRank: 3) }, ["layer_norm", "last 3 axes"]),
      ({ rmsNorm(x, weight: wide) }, ["rms_norm", "f64[6]", "cast(wide, to: .float32)"]),
      ({ rmsNorm(x, epsilon: -1) }, ["rms_norm", "epsilon"]),
      ({ groupNorm(x, groups: 4) }, ["group_norm", "6 channels", "and not 4"]),
      ({ groupNorm(w, groups: 2) }, ["group_norm", "[N, C, ...]"]),
      ({ batch(one) }, ["batch_norm", "1 elements", "at least 2"]),
      ({ batch(x, mean: narrow) }, ["batch_norm", "f32[6]", "f32[4]"]),
      ({ batch(x, mean: wide) }, ["batch_norm", "f64[6]"]), ({ batch(x, momentum: 2) }, ["momentum", "2.0"]),
      ({ batch(x, axis: 2) }, ["batch_norm", "axis 2"]),
      ({ batch(x, epsilon: .nan) }, ["batch_norm", "epsilon"]),
      ({ batchNormInference(x, mean: narrow, variance: w) }, ["batch_norm_inference", "mean", "f32[4]"]),
      ({ batchNormInference(x, mean: w, variance: w, axis: -3) }, ["batch_norm_inference", "axis -3"]),
      ({ scaledDotProductAttention(x, x, x, mask: mask) }, ["attention", "bool[3, 3]", "[4, 4]"]),
      ({ scaledDotProductAttention(x, x, w) }, ["attention", "f32[6]"]),
      ({ scaledDotProductAttention(x, x, x, scale: .nan) }, ["attention", "scale"]),
    ]
    for (index, (make, words)) in mistakes.enumerated() {
      #expect(make().isPoisoned)
      let issues = g.issues
      try #require(issues.count == index + 1, "\(words)")
      for word in words {
        #expect(issues[index].description.contains(word), "\(issues[index].description)")
      }
    }
  }
}
