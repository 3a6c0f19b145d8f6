import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler

@testable import TributaryTraining

@Suite(.serialized) struct TrainerTests {
  @Test func learnsWhatCanBeLearnt() throws {
    let trainer = try SyntheticData.trainer()
    let samples = try SyntheticData.classes(300)
    var losses: [Double] = []
    for epoch in 1...8 {
      let pass = try trainer.runEpoch(over: samples.shuffled(seed: 1, epoch: epoch).batches(of: 16))
      losses.append(pass.loss)
    }
    #expect(losses[7] < losses[0] / 4)
    let test = try trainer.evaluate(over: SyntheticData.classes(200, seed: 2).batches(of: 64))
    #expect(try #require(test.accuracy) > 0.95 && test.samples == 200)
  }

  @Test func theLastShorterBatchIsTrained() throws {
    let trainer = try SyntheticData.trainer(batch: 16)
    let pass = try trainer.runEpoch(over: SyntheticData.classes(40).batches(of: 16))
    #expect(pass.steps == 3 && pass.samples == 40 && trainer.stepsDone == 3)
    #expect(try trainer.store.tensor(named: "optimizer/step").scalar(Int64.self) == 3)
    // An epoch without the last eight samples ends elsewhere.
    let other = try SyntheticData.trainer(batch: 16)
    try other.runEpoch(over: SyntheticData.classes(40).batches(of: 16)) { _ in other.stepsDone < 2 }
    #expect(try other.store.parametersDigest() != trainer.store.parametersDigest())
  }

  @Test func everyThreadCountGivesTheSameBits() throws {
    var digests: Set<[[UInt8]]> = []
    var losses: Set<Double> = []
    for workers in [1, 2, 3, 8, 2] {
      let trainer = try SyntheticData.trainer(batch: 32, workers: workers)
      for epoch in 1...2 {
        let pass = try trainer.runEpoch(
          over: SyntheticData.classes(150).shuffled(seed: 7, epoch: epoch).batches(of: 32))
        losses.insert(pass.loss)
      }
      digests.insert(try SyntheticData.bytes(trainer))
    }
    #expect(digests.count == 1 && losses.count == 2)
  }

  @Test func otherSeedsGiveOtherParameters() throws {
    let a = try SyntheticData.trainer(seed: 1)
    let b = try SyntheticData.trainer(seed: 2)
    #expect(try a.store.parametersDigest() != b.store.parametersDigest())
    #expect(try a.store.parametersDigest() == SyntheticData.trainer(seed: 1).store.parametersDigest())
  }

  @Test func evaluationChangesNothing() throws {
    let trainer = try SyntheticData.trainer()
    let before = try SyntheticData.bytes(trainer)
    let first = try trainer.evaluate(over: SyntheticData.classes(50).batches(of: 20))
    #expect(try SyntheticData.bytes(trainer) == before)
    let second = try trainer.evaluate(over: SyntheticData.classes(50).batches(of: 50))
    #expect(first.accuracy == second.accuracy && abs(first.loss - second.loss) < 1e-5)
  }

  @Test func aLossThatIsNoNumberStopsBeforeTheStep() throws {
    let trainer = try SyntheticData.trainer(optimizer: SGD(learningRate: 1e38))
    let samples = try SyntheticData.classes(320).batches(of: 16)
    let error = try #require(throws: TrainingError.self) { try trainer.runEpoch(over: samples) }
    #expect(error.code == .notFiniteLoss && error.step == trainer.stepsDone + 1)
    #expect(error.message.contains("step \(trainer.stepsDone + 1)") && trainer.store.isConsistent)
  }

  @Test func samplesThatDoNotFitAreRefused() throws {
    let trainer = try SyntheticData.trainer()
    let points = try TensorDataSet([Tensor([Float](repeating: 0, count: 48), shape: [16, 3])])
    let error = try #require(throws: TrainingError.self) {
      try trainer.runEpoch(over: points.batches(of: 16))
    }
    #expect(error.code == .columns && error.message.contains("f32[3]") && error.message.contains("f32[2]"))
  }

  @Test func impossibleModelsAndBatchesAreRefused() throws {
    let executor = try GraphExecutor(workers: 1)
    #expect(throws: DataError.self) {
      try Trainer(
        SyntheticData.model(), input: [0, 2], loss: .softmaxCrossEntropy, optimizer: Adam(),
        executor: executor,
        seed: 1)
    }
    #expect(throws: GraphError.self) {
      try Trainer(
        SyntheticData.model(), input: [4, 5], loss: .softmaxCrossEntropy, optimizer: Adam(),
        executor: executor,
        seed: 1)
    }
  }

  /// Plans are dropped when there is no room for them, and made again; nothing else differs.
  @Test func noRoomForPlansChangesNoBits() throws {
    var digests: Set<[[UInt8]]> = []
    for planBytes in [0, 1 << 30] {
      let trainer = try Trainer(
        SyntheticData.model(), input: [16, 2], loss: .softmaxCrossEntropy, optimizer: Adam(),
        executor: GraphExecutor(workers: 2), seed: 1, planBytes: planBytes)
      for size in [16, 5, 16, 7, 5, 12] {
        try trainer.runEpoch(over: SyntheticData.classes(40).batches(of: size))
        _ = try trainer.evaluate(over: SyntheticData.classes(40).batches(of: size + 1))
      }
      digests.insert(try SyntheticData.bytes(trainer))
      #expect(planBytes == 0 ? trainer.keptPlans <= 1 : trainer.keptPlans == 5)
    }
    #expect(digests.count == 1)
  }

  @Test func siameseTowersShareTheirWeightsAndLearn() throws {
    let objective = Objective(Siamese(SyntheticData.model()), input: [2], margin: 1)
    let trainer = try Trainer(
      objective, batchSize: 20, optimizer: Adam(learningRate: 0.01), executor: GraphExecutor(workers: 2),
      seed: 1)
    #expect(trainer.store.descriptors.filter(\.isParameter).count == 4)
    var generator = SplitMix64(9)
    let classes = try SyntheticData.classes(400)
    let batch = try Batch(of: 400, columns: classes.columns)
    for row in 0..<400 { classes.write(sample: row, to: row, of: batch) }
    var left: [Float] = []
    var right: [Float] = []
    var same: [Float] = []
    for _ in 0..<400 {
      let (a, b) = (generator.next(below: 400), generator.next(below: 400))
      left += batch.row(a, column: 0, of: Float.self)
      right += batch.row(b, column: 0, of: Float.self)
      same.append(
        batch.row(a, column: 1, of: Int32.self)[0] == batch.row(b, column: 1, of: Int32.self)[0] ? 1 : 0)
    }
    let pairs = try TensorDataSet([
      Tensor(left, shape: [400, 2]), Tensor(right, shape: [400, 2]), Tensor(same, shape: [400]),
    ])
    for epoch in 1...10 { try trainer.runEpoch(over: pairs.shuffled(seed: 1, epoch: epoch).batches(of: 20)) }
    #expect(try #require(trainer.evaluate(over: pairs.batches(of: 100)).accuracy) > 0.9)
  }
}
