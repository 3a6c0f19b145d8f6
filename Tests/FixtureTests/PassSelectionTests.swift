import Testing
import Tributary
import TributaryWorkloads

/// Every workload, small-ops at reduced size, with each pass left out alone and with none at all.
@Suite struct PassSelectionTests {
  private static let sizes: [String: WorkloadConfiguration] = [
    "small-ops": ["bodies": [5], "steps": [6], "dt": [1e-3], "epsilon": [1e-2]]
  ]

  /// The loss and the new parameters of one step.
  private func step(_ workload: Workload, _ passes: PassSelection, threads: Int = 1) throws -> [[UInt8]] {
    let model = try workload.model(Self.sizes[workload.name])
    let executable = try model.graph.compile(
      fetching: [model.loss],
      updating: SGD(learningRate: 0.01).minimizing(
        model.loss, parameters: model.parameters.map(\.value)),
      options: CompileOptions(passes: passes))
    let store = ParameterStore(executable, seed: 3)
    let outcome = try executable.run(
      on: GraphExecutor(workers: threads), store, feeding: try model.sampleInputs(seed: 5))
    let states = try model.parameters.map { try store.tensor(named: $0.name) }
    return try ([outcome[model.loss]] + states).map { $0.withUnsafeBytes { Array($0) } }
  }

  @Test(
    "a step's results are the same bits without each pass, and without all of them",
    arguments: Workload.suite.map(\.name))
  func passesKeepBits(_ name: String) throws {
    let workload = try Workload.named(name)
    let expected = try step(workload, .all)
    for pass in PassSelection.names {
      #expect(
        try step(workload, PassSelection(parsing: "-" + pass), threads: 3) == expected, "without \(pass)")
    }
    #expect(try step(workload, .none) == expected, "without any pass")
  }
}
