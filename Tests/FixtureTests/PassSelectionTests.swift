import Testing
import Tributary
import TributaryWorkloads

/// Every workload, small-ops at reduced size, with each pass left out alone and with none at all.
@Suite struct PassSelectionTests {
  private static let sizes: [String: WorkloadConfiguration] = [
    "small-ops": ["bodies": [5], "steps": [6], "dt": [1e-3], "epsilon": [1e-2]]
  ]

  /// The loss and the new parameters of one step.
  private func step(_ workload: Workload, _ passes: PassSelection, threads: Int = 1) throws -> [Tensor] {
    let model = try workload.model(Self.sizes[workload.name])
    let executable = try model.graph.compile(
      fetching: [model.loss],
      updating: SGD(learningRate: 0.01).minimizing(
        model.loss, parameters: model.parameters.map(\.value)),
      options: CompileOptions(passes: passes))
    let store = ParameterStore(executable, seed: 3)
    let outcome = try executable.run(
      on: GraphExecutor(workers: threads), store, feeding: try model.sampleInputs(seed: 5))
    return try [outcome[model.loss]] + model.parameters.map { try store.tensor(named: $0.name) }
  }

  private func bytes(_ tensors: [Tensor]) -> [[UInt8]] { tensors.map { $0.withUnsafeBytes { Array($0) } } }

  @Test(
    "a step's results are the same bits without each pass that keeps them, and without all of them",
    arguments: Workload.suite.map(\.name))
  func passesKeepBits(_ name: String) throws {
    let workload = try Workload.named(name)
    let expected = bytes(try step(workload, .exact))
    for pass in PassSelection.names where !PassSelection.exact.omitted.contains(pass) {
      let text = (PassSelection.exact.omitted.sorted() + [pass]).map { "-" + $0 }.joined(separator: ",")
      let others = try PassSelection(parsing: text)
      #expect(bytes(try step(workload, others, threads: 3)) == expected, "without \(pass)")
    }
    #expect(bytes(try step(workload, .none)) == expected, "without any pass")
  }

  @Test(
    "with all passes a step's results are the same bits at every thread count, and equal but for rounding without any",
    arguments: Workload.suite.map(\.name))
  func passesKeepNumbers(_ name: String) throws {
    let workload = try Workload.named(name)
    let all = try step(workload, .all)
    #expect(bytes(try step(workload, .all, threads: 3)) == bytes(all))
    for (a, b) in zip(all, try step(workload, .none)) {
      let pairs = zip(try a.elements(Float.self), try b.elements(Float.self))
      #expect(pairs.allSatisfy { ($0 - $1).magnitude <= 1e-6 + 2e-5 * $1.magnitude })
    }
  }
}
