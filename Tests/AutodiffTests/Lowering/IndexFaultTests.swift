import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

/// Indices are looked at before anything is written: a step with a bad one fails and leaves every state as it was.
@Suite(.serialized) struct IndexFaultTests {
  struct Use: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// A value of a [4, 3] weight and of indices that must be below 3.
    let make: @Sendable (_ w: Value, _ ids: Value) -> Value

    init(_ name: String, make: @escaping @Sendable (Value, Value) -> Value) {
      testDescription = name
      self.make = make
    }
  }

  static let uses: [Use] = [
    Use("embedding") { w, ids in embedding(slice(w, axis: 0, 0..<3), ids) },
    Use("gather") { w, ids in gather(w, reshape(ids, [4, 1]), axis: 1) },
    Use("index_select") { w, ids in indexSelect(w, ids, axis: 1) },
    Use("scatter_add") { w, ids in
      scatterAdd(w, reshape(ids, [4, 1]), slice(w, axis: 1, 0..<1), axis: 1)
    },
    Use("cross_entropy") { w, ids in crossEntropy(w, ids) },
    Use("nll") { w, ids in negativeLogLikelihood(logSoftmax(w), ids) },
    Use("within a loop") { w, ids in
      w.builder.map(over: [w, ids]) { [indexSelect($0[0], reshape($0[1], [1]), axis: 0)] }[0]
    },
  ]

  @Test(arguments: uses, [Int64(3), -1, .max, .min])
  func nothingChanges(_ use: Use, _ bad: Int64) throws {
    let g = GraphBuilder()
    let ids = g.input("ids", [4], dtype: .int64)
    let w = g.parameter("w", [4, 3], initial: .normal(1))
    let steps = g.state("steps", TensorType(.int64, []), initial: .constant(0))
    let loss = sum(use.make(w, ids))
    var update = Update()
    update.assign(w, w - g.gradients(of: loss, withRespectTo: [w])[w])
    update.assign(steps, steps + 1)
    let executable = try Executable(
      graph: try g.graph(fetching: [loss], updating: update), fetching: [loss],
      options: CompileOptions(granularity: .finest))
    for executor in Executors.all {
      let store = ParameterStore(executable, seed: 1)
      let before = try store.snapshot().mapValues(\.bytes)
      for place in 0..<4 {
        var values: [Int64] = [0, 2, 1, 2]
        values[place] = bad
        let error = #expect(throws: RunError.self) {
          try executable.run(on: executor, store, feeding: [ids: try Tensor(values, shape: [4])])
        }
        #expect(error?.code == .indexOutOfRange)
        #expect(error?.message.contains("\(bad)") == true, "\(error?.message ?? "")")
        #expect(try store.snapshot().mapValues(\.bytes) == before)
      }
      _ = try executable.run(
        on: executor, store, feeding: [ids: try Tensor([0, 2, 1, 2] as [Int64], shape: [4])])
      #expect(try store.tensor(named: "steps").elements(Int64.self) == [1])
    }
  }
}
