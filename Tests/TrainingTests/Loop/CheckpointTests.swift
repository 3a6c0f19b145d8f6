import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryTraining

@Suite(.serialized) struct CheckpointTests {
  private func loader(_ epoch: Int) throws -> DataLoader {
    try SyntheticData.classes(100).shuffled(seed: 3, epoch: epoch).batches(of: 16)
  }

  /// Training that is stopped after any step and resumed from the file ends with the bits of one that was not.
  @Test(arguments: [1, 3, 6, 7, 8, 13, 14])
  func resumingGivesTheSameBits(stop: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("checkpoint")
    let whole = try SyntheticData.trainer()
    var last = PassStatistics()
    for epoch in 1...3 { last = try whole.runEpoch(over: loader(epoch)) }

    let first = try SyntheticData.trainer()
    while first.stepsDone < stop {
      try first.runEpoch(over: loader(first.nextEpoch)) { _ in first.stepsDone < stop }
    }
    try first.checkpoint(settings: ["model": "test"]).write(to: path)

    let resumed = try SyntheticData.trainer(workers: 3, seed: 99)
    let checkpoint = try Checkpoint(contentsOf: path)
    #expect(checkpoint.settings == ["model": "test"] && checkpoint.stepsDone == stop && checkpoint.seed == 1)
    #expect(try resumed.restore(checkpoint))
    var end = PassStatistics()
    while resumed.nextEpoch <= 3 { end = try resumed.runEpoch(over: loader(resumed.nextEpoch)) }
    #expect(try SyntheticData.bytes(resumed) == SyntheticData.bytes(whole))
    #expect(resumed.stepsDone == whole.stepsDone)
    #expect(end.loss == last.loss && end.accuracy == last.accuracy && end.samples == last.samples)
  }

  @Test func checkpointsOfOtherModelsAreRefusedAndChangeNothing() throws {
    let small = try Trainer(
      Linear(2, 3), input: [16, 2], loss: .softmaxCrossEntropy, optimizer: Adam(),
      executor: GraphExecutor(workers: 1), seed: 1)
    let trainer = try SyntheticData.trainer()
    let before = try SyntheticData.bytes(trainer)
    let error = try #require(throws: TrainingError.self) { try trainer.restore(small.checkpoint()) }
    #expect(error.code == .checkpoint && error.message.contains("0/weight"))
    #expect(try SyntheticData.bytes(trainer) == before && trainer.stepsDone == 0)
  }

  @Test func otherPlansAreTold() throws {
    let trainer = try SyntheticData.trainer(batch: 16)
    #expect(try trainer.restore(SyntheticData.trainer(batch: 16).checkpoint()))
    #expect(try !trainer.restore(SyntheticData.trainer(batch: 8).checkpoint()))
  }

  @Test func statesThatAreNoNumbersAreNotSaved() throws {
    let trainer = try SyntheticData.trainer()
    var weights = try trainer.store.tensor(named: "0/weight")
    weights.withUnsafeMutableBytes { $0.storeBytes(of: Float.nan, toByteOffset: 8, as: Float.self) }
    try trainer.store.setTensor(weights, named: "0/weight")
    let error = try #require(throws: TrainingError.self) { try trainer.checkpoint() }
    #expect(error.code == .notFiniteLoss && error.message.contains("0/weight"))
  }

  @Test func foreignFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("file")
    var file = SafeTensors()
    try file.add("a", Tensor(1 as Float))
    try file.write(to: path)
    let lacking = try #require(throws: TrainingError.self) { try Checkpoint(contentsOf: path) }
    #expect(lacking.code == .checkpoint && lacking.message.contains(path))

    try SyntheticData.trainer().checkpoint().write(to: path)
    var changed = try SafeTensors(contentsOf: path)
    changed.metadata["tributary.steps"] = "many"
    try changed.write(to: path)
    #expect(throws: TrainingError.self) { try Checkpoint(contentsOf: path) }
    changed.metadata["tributary.checkpoint"] = "99"
    try changed.write(to: path)
    let newer = try #require(throws: TrainingError.self) { try Checkpoint(contentsOf: path) }
    #expect(newer.message.contains("99"))
    try folder.write(Array(folder.bytes(of: "file").dropLast()), to: "file")
    #expect(throws: SafeTensorsError.self) { try Checkpoint(contentsOf: path) }
  }

  @Test func parametersAreSavedAndReadBack() throws {
    let folder = try TemporaryFolder()
    let trainer = try SyntheticData.trainer(seed: 1)
    let other = try SyntheticData.trainer(seed: 2)
    try trainer.store.save(safeTensors: folder.path("store"))
    try other.store.restore(SafeTensors(contentsOf: folder.path("store")))
    #expect(try SyntheticData.bytes(other) == SyntheticData.bytes(trainer))
  }
}
