import Tributary
import TributaryTestSupport
import TributaryWorkloads

/// A workload's training step, compiled, with data, a store, and the state that every run begins with.
struct WorkloadStep {
  let executable: Executable
  let feeds: [String: Tensor]
  private let store: ParameterStore
  private let start: [String: Tensor]

  init(_ workload: Workload, _ configuration: WorkloadConfiguration, _ granularity: Granularity) throws {
    let model = try workload.model(configuration)
    executable = try model.graph.compile(
      fetching: [model.loss],
      updating: SGD(learningRate: 0.01).minimizing(model.loss, parameters: model.parameters.map(\.value)),
      options: CompileOptions(granularity: granularity))
    let samples = try model.sampleInputs(seed: 5)
    feeds = Dictionary(
      uniqueKeysWithValues: model.inputs.compactMap { input in samples[input.value].map { (input.name, $0) } }
    )
    store = ParameterStore(executable, seed: 3)
    start = try store.snapshot()
  }

  /// The bytes of the loss and of all states after one run from the same beginning.
  func bits(_ run: (ParameterStore) throws -> [Tensor]) throws -> [[UInt8]] {
    try store.restore(start)
    let fetched = try run(store)
    return try (fetched + store.names.map { try store.tensor(named: $0) }).map(\.bytes)
  }

  /// The same of an ordinary run.
  func bits(on executor: GraphExecutor) throws -> [[UInt8]] {
    try bits { try executable.run(on: executor, $0, feedingByName: feeds).tensors }
  }
}
