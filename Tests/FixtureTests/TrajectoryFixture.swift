import Tributary
import TributaryWorkloads

/// Compares one training run: losses, gradient norms, the first gradients and the final parameters.
struct TrajectoryFixture {
  let fixture: Fixture
  let tolerances: ToleranceClass

  /// Checks the file at every one of the executors' thread counts.
  func outcome(on executors: [GraphExecutor]) throws -> Outcome {
    let workload = try Workload.named(try fixture.description.text("workload"))
    do {
      let run = try TrainingRun(fixture, workload)
      for executor in executors {
        if let reason = try run.failure(on: executor, tolerances) {
          return .failed("\(executor.workerCount) threads: \(reason)")
        }
      }
      return .passed
    } catch {
      return .failed("\(error)")
    }
  }
}

/// A workload with a fixture's data, initial parameters and optimizer, compiled.
private struct TrainingRun {
  private let fixture: Fixture
  private let model: WorkloadModel
  private let feeds: [Value: Tensor]
  private let steps: Int
  private let floor: Double
  private let gradientNorm: Value
  private let gradients: [(name: String, value: Value)]
  private let look: Executable
  private let train: Executable

  init(_ fixture: Fixture, _ workload: Workload) throws {
    self.fixture = fixture
    let configuration = try Members(fixture.description["config"]).values.mapValues { value -> [Double] in
      switch value {
      case .number(let number): [number]
      case .list(let numbers):
        try numbers.map {
          guard case .number(let number) = $0 else { throw FixtureError("a dimension is no number") }
          return number
        }
      default: throw FixtureError("a dimension is no number")
      }
    }
    model = try workload.model(WorkloadConfiguration(configuration))
    steps = try fixture.description.integer("steps")
    floor = try fixture.description.number("floor")
    let data = Dictionary(
      uniqueKeysWithValues: (fixture.named("input") + fixture.named("target")).map { ($0.name, $0.tensor) })
    feeds = try model.inputs.reduce(into: [:]) { feeds, input in
      guard let tensor = data[input.name] else { throw FixtureError("there is no data for \(input.name)") }
      feeds[input.value] = try tensor.asInteger64()
    }
    let parameters = model.parameters.map(\.value)
    let derivatives = model.graph.gradients(of: model.loss, withRespectTo: parameters)
    gradients = model.parameters.map { ($0.name, derivatives[$0.value]) }
    let squares = gradients.map { sum(square($0.value)) }
    gradientNorm = sqrt(squares.dropFirst().reduce(squares[0], +))
    let optimizer = try Members(fixture.description["optimizer"])
    look = try model.graph.compile(fetching: [model.loss] + gradients.map(\.value))
    train = try model.graph.compile(
      fetching: [model.loss, gradientNorm],
      updating: try OptimizerTable.optimizer(optimizer).minimizing(model.loss, parameters: parameters))
  }

  func failure(on executor: GraphExecutor, _ tolerances: ToleranceClass) throws -> String? {
    let store = ParameterStore(train, seed: 1)
    for name in model.parameters.map(\.name) {
      try store.setTensor(fixture.tensor("param.\(name)"), named: name)
    }
    let first = try look.run(on: executor, store, feeding: feeds)
    for (name, value) in gradients {
      if let reason = try tolerances.backward.mismatch(
        got: first[value], want: fixture.tensor("grad.\(name)"), floor: floor)
      {
        return "grad.\(name)\(reason)"
      }
    }
    var losses: [Float] = []
    var norms: [Float] = []
    for _ in 0..<steps {
      let step = try train.run(on: executor, store, feeding: feeds)
      losses.append(try step[model.loss].scalar())
      norms.append(try step[gradientNorm].scalar())
    }
    let last = try look.run(on: executor, store, feeding: feeds)
    var results: [(name: String, tensor: Tensor)] = [
      ("loss", try Tensor(losses, shape: [steps])), ("grad_norm", try Tensor(norms, shape: [steps])),
      ("loss.final", try last[model.loss]),
    ]
    for parameter in model.parameters {
      results.append(("final.\(parameter.name)", try store.tensor(named: parameter.name)))
    }
    for (name, tensor) in results {
      if let reason = try tolerances.forward.mismatch(got: tensor, want: fixture.tensor(name), floor: floor) {
        return "\(name)\(reason)"
      }
    }
    return nil
  }
}

extension Tensor {
  /// Integers widened to 64 bits, the type of the workloads' class inputs; other tensors as they are.
  fileprivate func asInteger64() throws -> Tensor {
    dtype == .int32 ? try Tensor(elements(Int32.self).map(Int64.init), shape: shape) : self
  }
}
