import Testing
import TributaryOps

@testable import TributaryAutodiff

/// Random numbers and dropout in graphs: the same bits at every thread count and cut, other numbers at every step.
@Suite(.serialized) struct RandomGraphTests {
  /// A step that draws, drops and differentiates, large enough to be cut.
  private func model(isTraining: Bool = true) throws -> (executable: Executable, x: Value) {
    let g = GraphBuilder()
    let x = g.input("x", [150, 301])
    let w = g.parameter("w", [301, 64], initial: .normal(0.1))
    let noisy = x + g.randomNormal([150, 301], deviation: 0.1, seed: 7)
    let hidden = dropout(matmul(noisy, w), rate: 0.25, isTraining: isTraining, seed: 7)
    let gate = g.randomUniform([150, 64], seed: 7) .< 0.5
    let loss = mean(square(dropout(select(gate, hidden, -hidden), rate: 0.5, seed: 7)))
    let d = g.gradients(of: loss, withRespectTo: [w])
    let executable = try g.compile(
      fetching: [loss, d[w], noisy, hidden], updating: Update([.init(state: w, value: w - 0.1 * d[w])]),
      options: CompileOptions(granularity: .finest))
    return (executable, x)
  }

  @Test func bitsAreEqualAtEveryThreadCountAndCut() throws {
    let tensor = try Model.noise([150, 301], stream: 1)
    var wanted: [[UInt8]]?
    for executor in Executors.all {
      let (executable, x) = try model()
      #expect(executable.plan.complaints.isEmpty)
      let store = ParameterStore(executable, seed: 3)
      var found: [[UInt8]] = []
      for _ in 0..<3 {
        found += try executable.run(on: executor, store, feeding: [x: tensor]).tensors.map(\.bytes)
      }
      #expect(wanted == nil || wanted == found)
      wanted = found
      // The steps differ.
      #expect(found[2] != found[6] && found[6] != found[10])
    }
    let (executable, _) = try model()
    let shards = executable.plan.graph.steps.filter { $0.applied is RandomDrop || $0.applied is RandomFill }
    #expect(shards.count >= 6)
  }

  @Test func cutsChangeNoBit() throws {
    func graph() throws -> (Graph, [String: Tensor]) {
      let g = GraphBuilder()
      let x = g.input("x", [37, 190], dtype: .float64)
      let step = g.input("step", [], dtype: .int64)
      let y = dropout(x, rate: 0.4, step: step) + g.randomUniform([37, 190], dtype: .float64, step: step)
      let d = g.gradients(of: sum(square(y)), withRespectTo: [x])
      return (
        try g.graph(fetching: [y, d[x]]),
        ["x": try Model.noise([37, 190], .float64, stream: 2), "step": Tensor(Int64(11))]
      )
    }
    let (reference, feeds) = try graph()
    let wanted = try GraphInterpreter(reference).run(feeding: feeds).fetches.map(\.bytes)
    for granularity in [Granularity.default, .whole, .finest] {
      let executable = try Executable(graph: reference, options: CompileOptions(granularity: granularity))
      for executor in Executors.all {
        #expect(try executable.run(on: executor, feedingByName: feeds).tensors.map(\.bytes) == wanted)
      }
    }
  }

  @Test func theGradientHasTheMaskOfItsStep() throws {
    let g = GraphBuilder()
    let x = g.input("x", [40, 50], dtype: .float64)
    let step = g.input("step", [], dtype: .int64)
    let y = dropout(x, rate: 0.5, seed: 1, step: step)
    let d = g.gradients(of: sum(y), withRespectTo: [x])
    let interpreter = GraphInterpreter(try g.graph(fetching: [y, d[x]]).simplified())
    let ones = try Tensor([Double](repeating: 1, count: 2000), shape: [40, 50])
    var masks: [[Double]] = []
    for number in 0..<3 {
      let found = try interpreter.run(feeding: ["x": ones, "step": Tensor(Int64(number))]).fetches
      let mask = try found[0].elements(Double.self)
      #expect(try found[1].elements(Double.self) == mask)
      #expect(mask.allSatisfy { $0 == 0 || $0 == 2 })
      masks.append(mask)
    }
    #expect(masks[0] != masks[1] && masks[1] != masks[2])
  }

  @Test func inferenceIsTheIdentity() {
    let g = GraphBuilder()
    let x = g.input("x", [3])
    #expect(dropout(x, rate: 0.5, isTraining: false) == x)
    #expect(dropout(x, rate: 0) == x)
    #expect(g.states.isEmpty && g.nodeCount == 1)
  }

  @Test func operatorsHaveStreamsOfTheirOwn() throws {
    let g = GraphBuilder()
    let step = g.constant(Tensor(Int64(0)))
    let a = g.randomUniform([20], step: step)
    let b = g.randomUniform([20], step: step)
    let c = g.randomUniform([20], stream: 0, step: step)
    let found = try GraphInterpreter(try g.graph(fetching: [a, b, c]).simplified()).run().fetches.map(\.bytes)
    #expect(found[0] != found[1] && found[0] == found[2])
  }

  @Test func theStepIsCountedByRunsThatUpdate() throws {
    let g = GraphBuilder()
    let noise = g.scope("inner") { g.randomNormal([5]) }
    #expect(g.scope("elsewhere") { g.randomStep } == g.randomStep && g.states.map(\.name) == ["random_step"])
    let train = try g.compile(fetching: [noise], updating: Update())
    let look = try g.compile(fetching: [noise])
    let store = ParameterStore(train, seed: 1)
    func run(_ executable: Executable, _ store: ParameterStore) throws -> [Float] {
      try executable.run(on: Executors.one, store)[noise].elements()
    }
    let first = try run(look, store)
    #expect(try run(look, store) == first)
    #expect(try run(train, store) == first)
    #expect(try store.tensor(named: "random_step").scalar(Int64.self) == 1)
    let second = try run(train, store)
    #expect(second != first)
    // A store set back draws the same numbers again.
    try store.setTensor(Tensor(Int64(0)), named: "random_step")
    #expect(try run(train, store) == first)
    #expect(try run(train, store) == second)
  }
}
