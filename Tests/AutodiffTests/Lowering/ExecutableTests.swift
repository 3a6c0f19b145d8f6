import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

@Suite(.serialized) struct ExecutableTests {
  /// Models of every kind that the suite compares with the interpreter.
  enum Case: String, CaseIterable {
    case seedSmall, seedWide, perceptron, ensemble

    func make() throws -> Model {
      switch self {
      case .seedSmall: try .seedDAG(5)
      case .seedWide: try .seedDAG(96, columns: 96)
      case .perceptron: try .perceptron([32, 48, 40, 10], batch: 24, fetchAll: true)
      case .ensemble: try .ensemble(4, widths: [16, 24, 8], batch: 12)
      }
    }
  }

  @Test(arguments: Case.allCases, [Granularity.default, .whole, .finest])
  func agreesWithTheInterpreter(_ which: Case, _ granularity: Granularity) throws {
    let model = try which.make()
    let executable = try Executable(graph: model.graph, options: CompileOptions(granularity: granularity))
    let store = ParameterStore(executable, seed: 1)
    let executor = try GraphExecutor(workers: 2)
    var states = try model.states()
    for _ in 0..<3 {
      let outputs = try executable.run(on: executor, store, feedingByName: model.feeds)
      let expected = try GraphInterpreter(model.graph).run(feeding: model.feeds, states: states)
      for (ours, theirs) in zip(outputs.tensors, expected.fetches) {
        #expect(try ours.isClose(to: theirs, absolute: 1e-5, relative: 1e-4))
      }
      states = expected.states
      for (name, tensor) in states {
        #expect(try store.tensor(named: name).isClose(to: tensor, absolute: 1e-5, relative: 1e-4))
      }
    }
  }
}
