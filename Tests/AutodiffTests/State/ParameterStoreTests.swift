import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

@Suite(.serialized) struct ParameterStoreTests {
  @Test func seedsAndNamesDecideTheBits() throws {
    let executable = try Executable(graph: Model.perceptron([4, 5, 6], batch: 3).graph)
    let a = ParameterStore(executable, seed: 1)
    let b = ParameterStore(executable, seed: 1)
    let c = ParameterStore(executable, seed: 2)
    #expect(a.names == ["w0", "b0", "w1", "b1"])
    #expect(try a.tensor(named: "w0").bytes == b.tensor(named: "w0").bytes)
    #expect(try a.tensor(named: "w0").bytes != c.tensor(named: "w0").bytes)
    // Independent of the other states.
    let alone = try ParameterStore(states: [a.descriptors[2]], seed: 1)
    #expect(try alone.tensor(named: "w1").bytes == a.tensor(named: "w1").bytes)
  }

  @Test func settingAndRestoringCheckTypesAndNames() throws {
    let store = ParameterStore(try Executable(graph: Model.perceptron([4, 5, 6], batch: 3).graph), seed: 1)
    func code(_ body: () throws -> Void) -> RunError.Code? {
      do { try body() } catch { return (error as? RunError)?.code }
      return nil
    }
    #expect(code { _ = try store.tensor(named: "nobody") } == .unknownState)
    #expect(code { try store.setTensor(Tensor(1 as Float), named: "b0") } == .wrongShape)
    #expect(
      code { try store.setTensor(Tensor([1, 2, 3, 4, 5] as [Double], shape: [5]), named: "b0") } == .wrongType
    )
    #expect(code { try store.setTensor(Tensor([1, 2, 3, 4, 5] as [Float], shape: [5]), named: "b0") } == nil)
    #expect(try store.tensor(named: "b0").elements(Float.self) == [1, 2, 3, 4, 5])

    let saved = try store.snapshot()
    try store.setTensor(Tensor([0, 0, 0, 0, 0] as [Float], shape: [5]), named: "b0")
    var partial = saved
    partial["w1"] = nil
    #expect(code { try store.restore(partial) } == .unknownState)
    partial = saved
    partial["w9"] = saved["w0"]
    #expect(code { try store.restore(partial) } == .unknownState)
    #expect(try store.tensor(named: "b0").elements(Float.self) == [0, 0, 0, 0, 0])
    try store.restore(saved)
    #expect(try store.tensor(named: "b0").elements(Float.self) == [1, 2, 3, 4, 5])
  }

  @Test func initializersThatDoNotSuitAreErrors() throws {
    let g = GraphBuilder()
    let t = g.state("t", TensorType(.int64, .scalar), initial: .constant(0.5))
    #expect(throws: GraphError.self) { try Executable(graph: g.graph(fetching: [t])) }
    let state = StateDescriptor(
      name: "v", type: TensorType(.float32, [3]), initial: .values([1]), isParameter: false)
    #expect(throws: RunError.self) { try ParameterStore(states: [state], seed: 1) }
  }

  @Test func statesCanBeExchangedCopiedAndReadBeforeAndAfter() throws {
    let g = GraphBuilder()
    let type = TensorType(.float32, [2])
    let a = g.state("a", type, initial: .values([1, 2]))
    let b = g.state("b", type, initial: .values([3, 4]))
    let c = g.state("c", type, initial: .values([5, 6]))
    let t = g.state("t", TensorType(.int64, .scalar), initial: .constant(0))
    let still = g.state("still", type, initial: .constant(9))
    let counted = t + g.constant(Tensor(1 as Int64))
    let update = Update([
      .init(state: a, value: b), .init(state: b, value: a), .init(state: c, value: c + a),
      .init(state: t, value: counted),
    ])
    let sum = a + b + c
    let fetches = [
      a, a.afterStep, b, b.afterStep, c, c.afterStep, sum, t, t.afterStep, counted, still, still.afterStep, a,
    ]
    for granularity in [Granularity.default, .finest] {
      let executable = try Executable(
        graph: g.graph(fetching: fetches, updating: update), fetching: fetches,
        options: CompileOptions(granularity: granularity))
      #expect(executable.plan.complaints.isEmpty)
      for executor in Executors.all {
        let store = ParameterStore(executable, seed: 1)
        let first = try executable.run(on: executor, store).tensors.map { try $0.doubles }
        #expect(
          first == [
            [1, 2], [3, 4], [3, 4], [1, 2], [5, 6], [6, 8], [9, 12], [0], [1], [1], [9, 9], [9, 9], [1, 2],
          ])
        let second = try executable.run(on: executor, store).tensors.map { try $0.doubles }
        #expect(second[0] == [3, 4] && second[1] == [1, 2] && second[5] == [9, 12] && second[8] == [2])
      }
    }
  }

  @Test func executablesShareAStore() throws {
    let g = GraphBuilder()
    let w = g.parameter("w", [3, 2], initial: .normal(1))
    func step(_ batch: Int, training: Bool) throws -> (Executable, Value) {
      let x = g.input("x\(batch)\(training)", [batch, 3])
      let loss = mean(square(matmul(x, w)))
      let slope = g.gradients(of: loss, withRespectTo: [w])[w]
      let update = Update([.init(state: w, value: g.apply(SGDUpdate(), to: w, slope, g.constant(0.1)))])
      let graph = try g.graph(fetching: [loss], updating: training ? update : nil)
      return (try Executable(graph: graph, fetching: [loss], options: CompileOptions()), x)
    }
    let (large, x8) = try step(8, training: true)
    let (small, x5) = try step(5, training: true)
    let (test, x4) = try step(4, training: false)
    let store = ParameterStore([large, small, test], seed: 1)
    #expect(store.names == ["w"])
    let before = try store.tensor(named: "w")
    _ = try large.run(on: Executors.one, store, feeding: [x8: Model.noise([8, 3], stream: 1)])
    let between = try store.tensor(named: "w")
    _ = try small.run(on: Executors.one, store, feeding: [x5: Model.noise([5, 3], stream: 2)])
    let after = try store.tensor(named: "w")
    _ = try test.run(on: Executors.one, store, feeding: [x4: Model.noise([4, 3], stream: 3)])
    #expect(before.bytes != between.bytes && between.bytes != after.bytes)
    #expect(try store.tensor(named: "w").bytes == after.bytes)
  }
}
