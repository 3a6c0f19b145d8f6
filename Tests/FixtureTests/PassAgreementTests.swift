import Testing
import Tributary
import TributaryTestSupport
import TributaryWorkloads

/// Every workload with each pass left out alone, with all passes and with none: within each setting the same bits at every
/// number of threads, and between the settings what the reference numbers allow.
@Suite struct PassAgreementTests {
  private static let executors = [1, 2, 3, 8, 32].map { workers in
    do {
      return try GraphExecutor(GraphExecutor.Configuration(workers: workers, sharing: .always))
    } catch {
      fatalError("\(error)")
    }
  }

  /// Shards and tasks of many operators, small as they are.
  private static let granularity = Granularity(
    matrixColumns: 16, matrixRows: 8, matrixSeconds: 0, rowShards: 2, streamSeconds: 0, alignedSeconds: 0,
    maximumShards: 3, clusterSeconds: 0.2e-6)

  /// The loss and the new parameters of one step on an executor.
  private func step(
    _ model: WorkloadModel, _ executable: Executable, on executor: GraphExecutor,
    feeding feeds: [Value: Tensor]
  ) throws -> [Tensor] {
    let store = ParameterStore(executable, seed: 3)
    let outcome = try executable.run(on: executor, store, feeding: feeds)
    return try [outcome[model.loss]] + model.parameters.map { try store.tensor(named: $0.name) }
  }

  private func results(_ workload: Workload, _ passes: PassSelection) throws -> [Tensor] {
    let model = try workload.model(workload.reducedConfiguration)
    let executable = try model.graph.compile(
      fetching: [model.loss],
      updating: SGD(learningRate: 0.05).minimizing(model.loss, parameters: model.parameters.map(\.value)),
      options: CompileOptions(granularity: PassAgreementTests.granularity, passes: passes))
    let feeds = try model.sampleInputs(seed: 5)
    func bits(_ tensors: [Tensor]) -> [[UInt8]] { tensors.map { $0.withUnsafeBytes { Array($0) } } }
    let first = try step(model, executable, on: PassAgreementTests.executors[0], feeding: feeds)
    for executor in PassAgreementTests.executors.dropFirst() {
      let other = try step(model, executable, on: executor, feeding: feeds)
      #expect(
        bits(other) == bits(first),
        "\(workload.name) with “\(passes)” at \(executor.workerCount) threads")
    }
    return first
  }

  @Test(arguments: Workload.suite.map(\.name))
  func bitsDependOnPassesAtMostAndResultsHardly(_ name: String) throws {
    let workload = try Workload.named(name)
    let tolerances = try #require(try FixtureFolder.current.toleranceClasses()["trajectory"])
    let expected = try results(workload, .all)
    let settings = try [.none] + PassSelection.names.map { try PassSelection(parsing: "-" + $0) }
    for passes in settings {
      for (got, want) in zip(try results(workload, passes), expected) {
        let reason = try tolerances.forward.mismatch(got: got, want: want, floor: 1)
        #expect(reason == nil, "\(name) with “\(passes)”")
      }
    }
  }
}
