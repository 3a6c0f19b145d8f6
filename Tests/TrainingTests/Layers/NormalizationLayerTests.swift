import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler

@testable import TributaryTraining

@Suite(.serialized) struct NormalizationLayerTests {
  private struct Block: Layer {
    let first = LayerNorm([6])
    let second = RMSNorm([6], affine: false)
    let third = GroupNorm(groups: 2, channels: 4)
    let fourth = BatchNorm(4)

    func callAsFunction(_ x: Value) -> Value { fourth(third(second(first(x)))) }
  }

  @Test func parametersAndStatisticsAreNamedByTheirPlaces() {
    let builder = GraphBuilder()
    let block = Block()
    block.declareParameters(in: builder)
    let names = [
      "first/weight", "first/bias", "third/weight", "third/bias", "fourth/weight", "fourth/bias",
      "fourth/runningMean", "fourth/runningVariance",
    ]
    #expect(builder.states.map(\.name) == names)
    #expect(builder.parameters.map(\.name) == Array(names.dropLast(2)))
    #expect(block(builder.input("x", [3, 4, 6])).shape == [3, 4, 6])
    #expect(builder.states.count == 8 && builder.issues.isEmpty)
  }

  @Test func wrongShapesAreRecordedNotTrapped() {
    let builder = GraphBuilder()
    let wrong: [Value] = [
      LayerNorm([5])(builder.input("a", [3, 4])), RMSNorm([3, 4, 5])(builder.input("b", [4, 5])),
      GroupNorm(groups: 3, channels: 4)(builder.input("c", [2, 4])), BatchNorm(4)(builder.input("d", [4])),
      BatchNorm(4)(builder.input("e", [1, 4])), BatchNorm(4)(builder.input("f", [3, 5])),
      MultiHeadAttention(6, heads: 2)(builder.input("g", [3, 6])),
      MultiHeadAttention(6, heads: 4)(builder.input("h", [2, 3, 6])),
      MultiHeadAttention(6, heads: 0)(builder.input("i", [2, 3, 6])),
      MultiHeadAttention(6, heads: -1)(builder.input("j", [2, 3, 6])),
      MultiHeadAttention(6, heads: 2)(builder.input("k", [2, 3, 5])),
    ]
    #expect(wrong.allSatisfy { $0.isPoisoned })
    #expect(builder.issues.count >= wrong.count)
  }

  /// The statistics after a step of training, and the layer in inference, by their definitions.
  @Test func runningStatisticsFollowTheBatches() throws {
    let layer = BatchNorm(2, momentum: 0.25, epsilon: 0)
    let executor = try GraphExecutor(workers: 2)
    defer { executor.shutdown() }
    func graph(_ mode: LayerMode) -> (x: Value, y: Value) {
      let builder = GraphBuilder()
      layer.declareParameters(in: builder)
      let x = builder.input("x", [4, 2])
      return (x, mode { layer(x) })
    }
    let training = graph(.training)
    let step = try training.y.builder.compile(fetching: [training.y], updating: Update())
    let store = ParameterStore(step, seed: 1)
    let batch = try Tensor([Float(1), 10, 2, 10, 3, 30, 6, 30], shape: [4, 2])
    let trained = try step.run(on: executor, store, feeding: [training.x: batch])[training.y]
    // Means 3 and 20; variances 3.5 and 100, unbiased 14/3 and 400/3.
    let root = Float(3.5).squareRoot()
    let wanted: [Float] = [-2 / root, -1, -1 / root, -1, 0, 1, 3 / root, 1]
    #expect(zip(try trained.elements(Float.self), wanted).allSatisfy { abs($0 - $1) < 1e-5 })
    let mean = try store.tensor(named: "runningMean").elements(Float.self)
    let variance = try store.tensor(named: "runningVariance").elements(Float.self)
    #expect(zip(mean, [0.75, 5] as [Float]).allSatisfy { abs($0 - $1) < 1e-5 })
    let unbiased: [Float] = [0.75 + 14 / 12, 0.75 + 100 / 3]
    #expect(zip(variance, unbiased).allSatisfy { abs($0 - $1) < 1e-4 })

    let inference = graph(.inference)
    let look = try inference.y.builder.compile(fetching: [inference.y])
    let y = try look.run(on: executor, store, feeding: [inference.x: batch])[inference.y].elements(Float.self)
    let x = try batch.elements(Float.self)
    for index in x.indices {
      #expect(abs(y[index] - (x[index] - mean[index % 2]) / variance[index % 2].squareRoot()) < 1e-4)
    }
    #expect(try store.tensor(named: "runningMean").elements(Float.self) == mean)
  }

  /// A network with batch normalisation, trained and judged: the evaluator uses the running statistics.
  @Test func trainersAndEvaluatorsUseTheirModes() throws {
    let model = Sequential {
      Linear(2, 16)
      BatchNorm(16)
      ReLU()
      Linear(16, 3)
    }
    let executor = try GraphExecutor(workers: 2)
    defer { executor.shutdown() }
    let trainer = try Trainer(
      model, input: [16, 2], loss: .softmaxCrossEntropy, optimizer: Adam(learningRate: 0.02),
      executor: executor,
      seed: 1)
    let samples = try SyntheticData.classes(320)
    for epoch in 1...6 {
      try trainer.runEpoch(over: samples.shuffled(seed: 1, epoch: epoch).batches(of: 16))
    }
    let test = try SyntheticData.classes(200, seed: 2)
    let whole = try trainer.evaluate(over: test.batches(of: 200))
    // A single sample has no variance of its own.
    let single = try trainer.evaluate(over: test.batches(of: 1))
    #expect(try #require(whole.accuracy) > 0.95)
    #expect(whole.accuracy == single.accuracy)
    #expect(abs(whole.loss - single.loss) < 1e-5)
  }

  @Test func aLayerAppliedTwiceInTrainingIsAnError() {
    let builder = GraphBuilder()
    let layer = BatchNorm(3)
    _ = layer(layer(builder.input("x", [4, 3])))
    #expect(builder.issues.count == 2 && builder.issues[0].description.contains("already has an assignment"))
    let again = GraphBuilder()
    LayerMode.inference { _ = layer(layer(again.input("x", [4, 3]))) }
    #expect(again.issues.isEmpty)
  }
}
