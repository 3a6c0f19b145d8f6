public import Tributary

/// One workload of the suite. The suite and the trajectory fixtures build it from the same definition, at different
/// sizes.
public struct Workload: Sendable {
  typealias Definition =
    @Sendable (inout WorkloadModel, WorkloadConfiguration) throws(WorkloadError) -> Value

  /// The name, as in `workloads.md` and in the fixtures.
  public let name: String

  /// The dimensions and constants of the suite.
  public let suiteConfiguration: WorkloadConfiguration

  private let definition: Definition

  init(_ name: String, _ configuration: WorkloadConfiguration, _ definition: @escaping Definition) {
    self.name = name
    suiteConfiguration = configuration
    self.definition = definition
  }

  /// Builds the workload on a graph of its own.
  /// - Throws: `WorkloadError` when the configuration lacks a dimension.
  public func model(
    _ configuration: WorkloadConfiguration? = nil, on graph: GraphBuilder = GraphBuilder()
  ) throws(WorkloadError) -> WorkloadModel {
    var model = WorkloadModel(on: graph)
    model.loss = try definition(&model, configuration ?? suiteConfiguration)
    return model
  }

  /// The suite, in the order of `workloads.md`.
  public static let suite: [Workload] = [
    seedDAG5, seedDAG512, mlp, mlpWide, siamese, ensemble, cnn, inception, rnn, lstm, transformer, smallOps,
  ]

  /// The workload of a name.
  /// - Throws: `WorkloadError.unknown` listing the names there are.
  public static func named(_ name: String) throws(WorkloadError) -> Workload {
    guard let workload = suite.first(where: { $0.name == name }) else {
      let names = suite.map(\.name).joined(separator: ", ")
      throw WorkloadError(.unknown, "there is no workload \"\(name)\"; there are: \(names)")
    }
    return workload
  }
}
