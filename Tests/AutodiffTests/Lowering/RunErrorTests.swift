import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

@Suite(.serialized) struct RunErrorTests {
  private let g = GraphBuilder()
  private let x: Value
  private let w: Value
  private let y: Value
  private let executable: Executable

  init() throws {
    x = g.input("x", [2, 3])
    w = g.parameter("w", [3, 4], initial: .normal(1))
    y = matmul(x, w)
    executable = try Executable(graph: g.graph(fetching: [y]), fetching: [y], options: CompileOptions())
  }

  private func code(_ store: ParameterStore?, _ feeds: [Value: Tensor]) -> RunError.Code? {
    do {
      _ = try executable.run(on: Executors.one, store, feeding: feeds)
      return nil
    } catch {
      #expect(!error.message.isEmpty)
      return error.code
    }
  }

  @Test func feedsAreChecked() throws {
    let store = ParameterStore(executable, seed: 1)
    let good = try Tensor(zeros: x.type)
    #expect(code(store, [x: good]) == nil)
    #expect(code(store, [:]) == .missingFeed)
    #expect(code(store, [x: good, y: good]) == .unknownFeed)
    #expect(code(store, [x: good, w: good]) == .unknownFeed)
    #expect(code(store, [x: good, GraphBuilder().input("x", [2, 3]): good]) == .unknownFeed)
    #expect(code(store, [x: try Tensor(zeros: TensorType(.float64, [2, 3]))]) == .wrongType)
    #expect(code(store, [x: try Tensor(zeros: TensorType(.float32, [3, 2]))]) == .wrongShape)
  }

  @Test func storesAreChecked() throws {
    let good = try Tensor(zeros: x.type)
    #expect(code(nil, [x: good]) == .wrongStore)
    #expect(code(try ParameterStore(states: [], seed: 1), [x: good]) == .wrongStore)
    let other = StateDescriptor(
      name: "w", type: TensorType(.float32, [4, 3]), initial: .constant(0), isParameter: true)
    #expect(code(try ParameterStore(states: [other], seed: 1), [x: good]) == .wrongStore)
    // Not by chance of an earlier binding.
    #expect(code(ParameterStore(executable, seed: 1), [x: good]) == nil)
    #expect(code(try ParameterStore(states: [other], seed: 1), [x: good]) == .wrongStore)
  }

  @Test func outputsAreKeyedByFetch() throws {
    let outputs = try executable.run(
      on: Executors.one, ParameterStore(executable, seed: 1), feeding: [x: Tensor(zeros: x.type)])
    #expect(try outputs[y].type == y.type)
    do {
      _ = try outputs[x]
      Issue.record("a value that was not fetched was handed back")
    } catch {
      #expect(error.code == .unknownFetch)
      #expect(error.message.contains("'x'"))
    }
  }

  @Test func preparedRunsCheckToo() throws {
    let prepared = try executable.prepare(on: Executors.one, ParameterStore(executable, seed: 1))
    #expect(throws: RunError.self) { try prepared.run() }
    #expect(throws: RunError.self) { try prepared.feed(y, Tensor(zeros: x.type)) }
    #expect(throws: RunError.self) { try prepared.feed(x, Tensor(zeros: y.type)) }
    try prepared.feed(x, Tensor(zeros: x.type))
    try prepared.run()
    #expect(throws: RunError.self) { try prepared.tensor(x) }
    var bytes = [Float](repeating: 1, count: 6)
    try bytes.withUnsafeMutableBytes { bytes in
      #expect(throws: RunError.self) {
        try prepared.bind(x, to: UnsafeRawBufferPointer(rebasing: bytes[..<8]))
      }
      try prepared.bind(x, to: UnsafeRawBufferPointer(bytes))
      try prepared.run()
    }
    let w = try ParameterStore(executable, seed: 1).tensor(named: "w").elements(Float.self)
    #expect(try (prepared.scalar(y) - Double(w[0] + w[4] + w[8])).magnitude < 1e-5)
  }
}
