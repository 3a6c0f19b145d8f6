import Testing
import Tributary

/// The library's layers, put together to the models of two trajectory files and trained by a `Trainer`, give the files' losses
/// and parameters.
@Suite(.serialized) struct LayerFixtureTests {
  private struct Run {
    let fixture: Fixture
    let tolerance: Tolerance
    let floor: Double

    init(_ name: String) throws {
      let folder = FixtureFolder.current
      fixture = try Fixture(path: "\(folder.path)/trajectories/\(name).safetensors")
      tolerance = try #require(folder.toleranceClasses()["trajectory"]).forward
      floor = try fixture.description.number("floor")
    }

    func size(_ name: String) throws -> Int { try Members(fixture.description["config"]).integer(name) }

    func classes(_ name: String) throws -> Tensor {
      let tensor = try fixture.tensor(name)
      return try Tensor(tensor.wholeNumbers().map { Int32($0) }, shape: tensor.shape)
    }

    /// Trains from the file's parameters, matched in order, and compares with the file.
    func check(_ objective: Objective, _ columns: [Tensor], threads: Int) throws {
      let names = try fixture.description.list("parameters").map { value in
        guard case .text(let name) = value else { throw FixtureError("a parameter's name is no text") }
        return name
      }
      let executor = try GraphExecutor(workers: threads)
      defer { executor.shutdown() }
      let samples = try TensorDataSet(columns)
      let rate = try Members(fixture.description["optimizer"]).number("lr")
      let trainer = try Trainer(
        objective, batchSize: samples.count, optimizer: SGD(learningRate: .constant(rate)),
        executor: executor, seed: 1)
      let own = trainer.store.descriptors.filter(\.isParameter).map(\.name)
      try #require(own.count == names.count)
      for (name, theirs) in zip(own, names) {
        try trainer.store.setTensor(fixture.tensor("param.\(theirs)"), named: name)
      }
      let steps = try fixture.description.integer("steps")
      var losses: [Float] = []
      for _ in 0..<steps {
        losses.append(Float(try trainer.runEpoch(over: samples.batches(of: samples.count)).loss))
      }
      let last = try trainer.evaluate(over: samples.batches(of: samples.count)).loss
      try expect(Tensor(losses, shape: [steps]), "loss")
      try expect(Tensor(Float(last)), "loss.final")
      for (name, theirs) in zip(own, names) {
        try expect(trainer.store.tensor(named: name), "final.\(theirs)")
      }
    }

    private func expect(_ got: Tensor, _ name: String) throws {
      let reason = try tolerance.mismatch(got: got, want: fixture.tensor(name), floor: floor)
      #expect(reason == nil, "\(name)\(reason ?? "")")
    }
  }

  @Test(arguments: [1, 3]) func theLSTMTrainsAsItsReference(threads: Int) throws {
    let run = try Run("lstm__sgd")
    let (hidden, classes) = (try run.size("hidden"), try run.size("classes"))
    let x = try run.fixture.tensor("input.x")
    let (steps, batch, width) = (x.shape[0], x.shape[1], x.shape[2])
    let elements = try x.elements(Float.self)
    var rows: [Float] = []
    for row in 0..<batch {
      for step in 0..<steps {
        let start = (step * batch + row) * width
        rows += elements[start..<(start + width)]
      }
    }
    let model = Sequential {
      LSTM(width, hidden)
      Linear(hidden, classes)
    }
    try run.check(
      Objective(model, input: [steps, width], loss: .softmaxCrossEntropy),
      [Tensor(rows, shape: [batch, steps, width]), run.classes("target.y")], threads: threads)
  }

  @Test(arguments: [1, 3]) func theTransformerTrainsAsItsReference(threads: Int) throws {
    let run = try Run("transformer__sgd")
    let length = try run.size("length")
    let model = LanguageModel(
      vocabulary: try run.size("vocabulary"), length: length, width: try run.size("d"),
      heads: try run.size("heads"), blocks: try run.size("blocks"))
    try run.check(
      Objective(model, input: [length], dtype: .int32, loss: .softmaxCrossEntropy),
      [run.classes("input.ids"), run.classes("target.y")], threads: threads)
  }
}
