import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryTraining

@Suite(.serialized) struct DropoutTests {
  private func trainer(workers: Int = 2, rate: Double = 0.3) throws -> Trainer {
    let model = Sequential {
      Linear(2, 32)
      Tanh()
      Dropout(rate, seed: 4)
      Linear(32, 3)
    }
    return try Trainer(
      model, input: [16, 2], loss: .softmaxCrossEntropy, optimizer: Adam(learningRate: 0.02),
      executor: GraphExecutor(workers: workers), seed: 1)
  }

  private func loader(_ epoch: Int) throws -> DataLoader {
    try SyntheticData.classes(100).shuffled(seed: 3, epoch: epoch).batches(of: 16)
  }

  @Test func theModeOfTheTaskDecides() {
    let builder = GraphBuilder()
    let x = builder.input("x", [4, 4])
    let layer = Dropout(0.5)
    #expect(LayerMode.inference { layer(x) } == x)
    let dropped = layer(x)
    #expect(LayerMode.current == .training)
    #expect(dropped != x && dropped.type == x.type)
    #expect(LayerMode.training { LayerMode.inference { layer(x) } } == x)
    #expect(builder.states.map(\.name) == ["random_step"])
    #expect(LayerMode.training { Dropout(1.5)(x) }.isPoisoned && Dropout(1.5)(x).isPoisoned)
  }

  @Test func everyThreadCountTrainsToTheSameBits() throws {
    var found: Set<[[UInt8]]> = []
    for workers in [1, 2, 3, 8] {
      let trainer = try trainer(workers: workers)
      for epoch in 1...2 { try trainer.runEpoch(over: loader(epoch)) }
      found.insert(try SyntheticData.bytes(trainer))
    }
    #expect(found.count == 1)
  }

  @Test func evaluationDropsNothing() throws {
    let trainer = try trainer(rate: 0.9)
    try trainer.runEpoch(over: loader(1))
    let samples = try SyntheticData.classes(64, seed: 2).batches(of: 64)
    #expect(try trainer.evaluate(over: samples).loss == trainer.evaluate(over: samples).loss)
    #expect(try trainer.store.tensor(named: "random_step").scalar(Int64.self) == 7)
  }

  @Test func learnsInSpiteOfIt() throws {
    let trainer = try trainer()
    for epoch in 1...20 { try trainer.runEpoch(over: loader(epoch)) }
    let test = try trainer.evaluate(over: SyntheticData.classes(200, seed: 2).batches(of: 64))
    #expect(try #require(test.accuracy) > 0.95)
  }

  /// A resumed training draws the masks that would have come.
  @Test(arguments: [1, 7, 9]) func resumingGivesTheSameBits(stop: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("checkpoint")
    let whole = try trainer()
    for epoch in 1...2 { try whole.runEpoch(over: loader(epoch)) }
    let first = try trainer()
    while first.stepsDone < stop {
      try first.runEpoch(over: loader(first.nextEpoch)) { _ in first.stepsDone < stop }
    }
    try first.checkpoint().write(to: path)
    let resumed = try trainer(workers: 3)
    #expect(try resumed.restore(Checkpoint(contentsOf: path)))
    while resumed.nextEpoch <= 2 { try resumed.runEpoch(over: loader(resumed.nextEpoch)) }
    #expect(try SyntheticData.bytes(resumed) == SyntheticData.bytes(whole))
  }
}
