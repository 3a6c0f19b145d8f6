import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler

@testable import TributaryTraining

@Suite struct LayerTests {
  private struct Tied: Layer {
    let body = Sequential {
      Linear(4, 8)
      Tanh()
      Linear(8, 4, bias: false)
    }
    let extra: Linear? = Linear(4, 2)
    let none: Linear? = nil
    let many = [Linear(2, 2, bias: false), Linear(2, 2, bias: false)]
    let pair = (Parameter([2], initial: .constant(1)), 7)

    func callAsFunction(_ x: Value) -> Value {
      let twice = body(body(x))
      guard let extra else { return twice }
      return many[1](many[0](extra(twice))) * pair.0.value(in: x.builder)
    }
  }

  @Test func parametersAreNamedByTheirPlaces() {
    let builder = GraphBuilder()
    let model = Tied()
    model.declareParameters(in: builder)
    #expect(
      builder.parameters.map(\.name) == [
        "body/0/weight", "body/0/bias", "body/2/weight", "extra/weight", "extra/bias", "many/0/weight",
        "many/1/weight", "pair/0",
      ])
    _ = model(builder.input("x", [3, 4]))
    #expect(builder.parameters.count == 8 && builder.issues.isEmpty)
  }

  @Test func callingALayerTwiceSharesItsWeights() {
    let builder = GraphBuilder()
    let layer = Linear(4, 4)
    let y = layer(layer(builder.input("x", [3, 4])))
    #expect(builder.parameters.count == 2)
    #expect(y.shape == [3, 4])
  }

  @Test func equalLayersDoNotShare() {
    let builder = GraphBuilder()
    let chain = Sequential { for _ in 0..<3 { Linear(4, 4) } }
    _ = chain(builder.input("x", [3, 4]))
    #expect(builder.parameters.count == 6)
  }

  @Test func aModelCanBeUsedInSeveralGraphs() {
    let layer = Linear(4, 2)
    for batch in [1, 3] {
      let builder = GraphBuilder()
      layer.declareParameters(in: builder)
      #expect(layer(builder.input("x", [batch, 4])).shape == [batch, 2])
      #expect(builder.parameters.map(\.name) == ["weight", "bias"])
    }
  }

  @Test func chainsAreWrittenWithConditions() {
    func chain(deep: Bool) -> Sequential {
      Sequential {
        Linear(4, 4)
        if deep { ReLU() } else { Tanh() }
        if deep { Sigmoid() }
        for _ in 0..<2 { Flatten() }
      }
    }
    #expect(chain(deep: true).layers.count == 5 && chain(deep: false).layers.count == 4)
  }

  @Test func recomputedLayersTrainTheSameBitsInLessMemory() throws {
    func chain(recomputed: Bool) -> Sequential {
      Sequential {
        for _ in 0..<6 {
          let block = Sequential { for _ in 0..<6 { Linear(32, 32); Tanh() } }
          if recomputed { Recomputed(block) } else { block }
        }
      }
    }
    var digests: Set<String> = []
    var bytes: [Int] = []
    for recomputed in [false, true] {
      let objective = Objective(chain(recomputed: recomputed), input: [32], loss: .meanSquaredError)
      let step = try Trainer.compile(objective, batchSize: 256, optimizer: Adam())
      let store = ParameterStore(step, seed: 4)
      let feed = try Tensor((0..<256 * 32).map { Float($0 % 7) - 3 }, shape: [256, 32])
      for _ in 0..<3 {
        _ = try step.run(
          on: GraphExecutor(workers: 2), store, feedingByName: ["input": feed, "target": feed])
      }
      digests.insert(try store.parametersDigest())
      bytes.append(step.plan.arenaBytes)
      #expect(store.names.contains("0/0/weight"))
    }
    #expect(digests.count == 1)
    #expect(bytes[1] * 2 < bytes[0], "\(bytes)")
  }

  @Test func recurrentLayersShareOneCell() {
    let builder = GraphBuilder()
    let layer = Recurrent(3, 5)
    layer.declareParameters(in: builder)
    #expect(layer(builder.input("x", [2, 7, 3])).shape == [2, 5])
    #expect(builder.parameters.map(\.name) == ["cell/inputWeight", "cell/hiddenWeight", "cell/bias"])
    _ = layer(builder.input("flat", [2, 3]))
    #expect(!builder.issues.isEmpty)
  }

  @Test func wrongShapesAreRecordedNotTrapped() {
    let builder = GraphBuilder()
    let model = Sequential {
      Linear(4, 4)
      Linear(5, 2)
    }
    #expect(model(builder.input("x", [3, 4])).isPoisoned)
    #expect(builder.issues.count == 1 && builder.issues[0].description.contains("1"))
  }

  @Test func flattenKeepsTheBatch() {
    let builder = GraphBuilder()
    #expect(Flatten()(builder.input("x", [3, 4, 5])).shape == [3, 20])
    #expect(Flatten()(builder.input("y", [3])).shape == [3])
  }
}
