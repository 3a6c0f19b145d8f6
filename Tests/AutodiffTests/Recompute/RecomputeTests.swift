import Testing
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryAutodiff

@Suite(.serialized) struct RecomputeTests {
  /// A deep net of equal layers in f32; every `segment` of them recomputed, 0 for none.
  private func deep(
    layers: Int, segment: Int, nested: Bool = false, width: Int = 64, batch: Int = 512, shared: Bool = false
  ) throws -> Model {
    let g = GraphBuilder()
    let x = g.input("x", [batch, width])
    var weights: [(Value, Value)] = []
    for layer in 0..<(shared ? 1 : layers) {
      weights.append(
        (
          g.parameter("w\(layer)", [width, width], initial: .glorotUniform),
          g.parameter("b\(layer)", [width], initial: .constant(0.1))
        ))
    }
    func layer(_ index: Int, _ h: Value) -> Value {
      let (w, b) = weights[shared ? 0 : index]
      return tanh(matmul(h, w) + b)
    }
    func run(_ range: Range<Int>, _ h: Value) -> Value {
      guard nested, range.count > 2 else { return range.reduce(h) { layer($1, $0) } }
      let middle = (range.lowerBound + range.upperBound) / 2
      let half = g.recompute { run(range.lowerBound..<middle, h) }
      return g.recompute { run(middle..<range.upperBound, half) }
    }
    var h = x
    for first in stride(from: 0, to: layers, by: Swift.max(segment, 1)) {
      let range = first..<Swift.min(first + Swift.max(segment, 1), layers)
      h = segment > 0 ? g.recompute { run(range, h) } : run(range, h)
    }
    return try Model.descent(
      g, mean(square(h)), fetching: [h], feeds: ["x": Model.noise([batch, width], stream: 1)])
  }

  /// What three steps hand back and leave behind.
  private func bits(_ model: Model, on executor: GraphExecutor) throws -> [[UInt8]] {
    let executable = try Executable(graph: model.graph.simplified())
    #expect(executable.plan.complaints.isEmpty)
    let store = ParameterStore(executable, seed: 3)
    var seen: [[UInt8]] = []
    for _ in 0..<3 {
      seen += try executable.run(on: executor, store, feedingByName: model.feeds).tensors.map(\.bytes)
    }
    for name in store.names { seen.append(try store.tensor(named: name).bytes) }
    return seen
  }

  /// The same for one step in orders of the tasks drawn at random, in an arena full of signalling NaNs.
  private func bits(_ model: Model, orders: Int) throws -> Set<[[UInt8]]> {
    let executable = try Executable(graph: model.graph.simplified())
    let store = ParameterStore(executable, seed: 3)
    let start = try store.snapshot()
    var random = SplitMix64(seed: 5)
    var seen: Set<[[UInt8]]> = []
    for _ in 0..<orders {
      try store.restore(start)
      var bytes = try executable.run(
        inOrder: executable.plan.randomOrder(using: &random), store, feeding: model.feeds
      ).map(\.bytes)
      for name in store.names { bytes.append(try store.tensor(named: name).bytes) }
      seen.insert(bytes)
    }
    return seen
  }

  private func peak(_ model: Model, width: Int = 32) throws -> Int {
    try Executable(graph: model.graph.simplified(), options: CompileOptions(referenceWidth: width)).plan
      .arenaBytes
  }

  @Test(
    "values, gradients and parameters have the same bits as without, at every number of threads",
    arguments: [false, true])
  func sameBits(shared: Bool) throws {
    let plain = try deep(layers: 9, segment: 0, batch: 64, shared: shared)
    let want = try bits(plain, on: Executors.one)
    let once = try bits(plain, orders: 1)
    for (segment, nested) in [(1, false), (3, false), (4, true), (9, true)] {
      let model = try deep(layers: 9, segment: segment, nested: nested, batch: 64, shared: shared)
      for executor in Executors.all {
        #expect(try bits(model, on: executor) == want, "\(segment) \(nested) on \(executor.workerCount)")
      }
      #expect(try bits(model, orders: 20) == once, "\(segment) \(nested)")
    }
  }

  @Test("random graphs with random nested regions have the same bits as without", arguments: [true, false])
  func randomRegions(isSimplified: Bool) throws {
    var waiting = 0
    for seed in RandomModelTests.seeds {
      var seen: [[[UInt8]]] = []
      for isRecomputed in [false, true] {
        let model = try RandomModel(seed: seed, size: 4 + Int(seed % 24), isRecomputed: isRecomputed)
        let plain = try model.builder.graph(fetching: model.fetches, updating: model.update)
        let graph = isSimplified ? plain.simplified() : plain
        let executable = try Executable(
          graph: graph, fetching: model.fetches, options: CompileOptions(granularity: .finest))
        #expect(executable.plan.complaints.isEmpty, "seed \(seed)")
        waiting += graph.nodes.count { !$0.awaited.isEmpty }
        let store = ParameterStore(executable, seed: seed)
        let start = try store.snapshot()
        for executor in isRecomputed ? Executors.all : [Executors.one] {
          try store.restore(start)
          seen.append(
            try executable.run(on: executor, store, feeding: model.feeds).tensors.map(\.bytes))
        }
        let feeds = Dictionary(uniqueKeysWithValues: model.feeds.map { ($0.key.name, $0.value) })
        var random = SplitMix64(seed: seed)
        for _ in 0..<(isRecomputed ? 2 : 0) {
          try store.restore(start)
          let order = executable.plan.randomOrder(using: &random)
          seen.append(try executable.run(inOrder: order, store, feeding: feeds).map(\.bytes))
        }
      }
      #expect(Set(seen).count == 1, "seed \(seed)")
    }
    #expect(waiting > RandomModelTests.seeds.count)
  }

  @Test("sums of many contributions are put together as without")
  func sharedWeight() throws {
    func towers(isRecomputed: Bool) throws -> Model {
      let g = GraphBuilder()
      let w = g.parameter("w", [32, 32], initial: .glorotUniform)
      var feeds: [String: Tensor] = [:]
      var loss = g.constant(0)
      for (tower, batch) in [48, 16, 96].enumerated() {
        feeds["x\(tower)"] = try Model.noise([batch, 32], stream: UInt64(tower))
        let x = g.input("x\(tower)", [batch, 32])
        func layers() -> Value { (0..<6).reduce(x) { h, _ in tanh(matmul(h, w)) } }
        loss = loss + mean(square(isRecomputed && tower != 1 ? g.recompute(layers) : layers()))
      }
      return try Model.descent(g, loss, feeds: feeds)
    }
    let plain = try bits(towers(isRecomputed: false), on: Executors.one)
    for executor in Executors.all {
      #expect(try bits(towers(isRecomputed: true), on: executor) == plain)
    }
  }

  @Test(
    "the planned peak of a net of n layers falls from n to 2√n layers' results, and nested to about log n",
    arguments: [1, 32])
  func peakFalls(width: Int) throws {
    let layers = 64
    let activation = 512 * 64 * 4
    let plain = try peak(deep(layers: layers, segment: 0), width: width)
    let recomputed = try peak(deep(layers: layers, segment: 8), width: width)
    let nested = try peak(deep(layers: layers, segment: 64, nested: true), width: width)
    #expect(plain >= layers * activation)
    // Eight regions' inputs and one region's values; halves of halves keep one input a level.
    #expect(recomputed <= (8 + 8 + 1) * activation, "\(plain) to \(recomputed) bytes")
    #expect(nested <= (6 + 3) * activation, "\(plain) to \(nested) bytes")
  }

  @Test("each operator of a region is computed once more, and merged with nothing")
  func counts() throws {
    func tanhs(_ segment: Int, nested: Bool = false) throws -> Int {
      try deep(layers: 8, segment: segment, nested: nested).graph.simplified().nodes.count {
        $0.application?.applied.name == "tanh"
      }
    }
    #expect(try tanhs(0) == 8)
    // The last layer of a region is needed by its own rule, from its copy.
    #expect(try tanhs(4) == 16)
    // Halves of eight, and quarters of which each is a region: two more.
    #expect(try tanhs(8, nested: true) > 16)
  }

  @Test("the second computation waits for the cotangent and for the first computation")
  func waits() throws {
    let g = GraphBuilder()
    let x = g.input("x", [4, 4])
    let w = g.parameter("w", [4, 4], initial: .glorotUniform)
    let y = g.recompute { tanh(tanh(matmul(x, w))) }
    let graph = try g.graph(fetching: g.gradients(of: sum(y), withRespectTo: [w]).all).simplified()
    let awaiting = graph.nodes.filter { !$0.awaited.isEmpty }
    #expect(awaiting.map { $0.application?.applied.name ?? "" } == ["matmul"])
    #expect(awaiting[0].name == "recompute/awaiting_matmul")
    // The cotangent is a broadcast constant, ready at once; the region's result is not.
    let awaited = awaiting[0].awaited.map { graph.nodes[$0.node].appliedOperator?.name ?? "" }
    #expect(awaited.contains("tanh"))
  }

  @Test(
    "constants, views and parameters of a region are not copied; values from outside are read as they are")
  func sources() throws {
    let g = GraphBuilder()
    let x = g.input("x", [4, 4])
    let y = g.recompute {
      let w = g.parameter("w", [16], initial: .constant(0.5))
      return exp(matmul(reshape(x, [2, 8]), reshape(w, [8, 2])) * 2)
    }
    let d = g.gradients(of: sum(y), withRespectTo: [x] + g.parameters)
    let graph = try g.graph(fetching: d.all)
    #expect(graph.states.map(\.name) == ["w"])
    // Two of them forward; the cotangents' are two more.
    #expect(graph.simplified().count("reshape") == 4)
  }

  @Test("values, gradients and second derivatives agree with differences through nested regions")
  func differences() throws {
    var numbers = Numbers(seed: 6)
    let points = [try numbers.tensor([3, 2]), try numbers.tensor([2, 2])]
    for order in 1...2 {
      let report = try GradientCheck(tolerance: 1e-6, order: order).run(at: points) { g, x in
        g.recompute {
          let a = tanh(matmul(x[0], x[1]))
          let b = g.recompute { sin(a) * g.recompute { exp(a * 0.5) + a } }
          return softmax(b * a) + b
        }
      }
      #expect(report.passed, "\(report)")
    }
  }

  @Test("forward mode goes through regions, and so does reverse over what it built")
  func forward() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2], dtype: .float64)
    let plain = sum(exp(square(x)))
    let marked = g.recompute { sum(exp(square(x))) }
    let found = [plain, marked].flatMap { y in
      [g.hessian(of: y, withRespectTo: x), g.jvp(of: [y], withRespectTo: [x], tangents: [x])[0]]
    }
    let outcome = try GraphInterpreter(try g.graph(fetching: found).simplified()).run(feeding: [
      "x": try Tensor([0.5, -1], shape: [2])
    ])
    #expect(outcome.fetches[0].bytes == outcome.fetches[2].bytes)
    #expect(outcome.fetches[1].bytes == outcome.fetches[3].bytes)
  }

  @Test("activations inside a region may be differentiated by, fetched and assigned")
  func insideOut() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2], dtype: .float64)
    let running = g.state("running", TensorType(.float64, [2]), initial: .constant(0))
    var h = x
    let y = g.recompute {
      h = square(x)
      g.assign(running, h * 2)
      return sum(h * exp(h))
    }
    let d = g.gradients(of: y, withRespectTo: [h, x])
    let executable = try g.compile(fetching: [h] + d.all, updating: Update())
    let store = ParameterStore(executable, seed: 1)
    let outputs = try executable.run(
      on: Executors.one, store, feeding: [x: try Tensor([0.5, -1], shape: [2])])
    #expect(try outputs[h].elements(Double.self) == [0.25, 1])
    #expect(try store.tensor(named: "running").elements(Double.self) == [0.5, 2])
    let (byH, byX) = (try outputs[d[h]].elements(Double.self), try outputs[d[x]].elements(Double.self))
    #expect(byX == [byH[0], -2 * byH[1]])
    #expect(abs(byH[1] - 2 * 2.718281828459045) < 1e-14)
  }

  @Test("a fault inside a region is found before anything is assigned")
  func faults() throws {
    let g = GraphBuilder()
    let table = g.parameter("table", [3, 2], initial: .constant(1))
    let ids = g.input("ids", [2], dtype: .int32)
    let loss = g.recompute { sum(square(tanh(embedding(table, ids)))) }
    let d = g.gradients(of: loss, withRespectTo: [table])
    let executable = try g.compile(
      fetching: [loss], updating: Update([.init(state: table, value: table - d[table])]))
    let store = ParameterStore(executable, seed: 1)
    #expect(throws: RunError.self) {
      try executable.run(on: Executors.one, store, feeding: [ids: try Tensor([Int32(0), 5], shape: [2])])
    }
    #expect(try store.tensor(named: "table").elements(Float.self) == [1, 1, 1, 1, 1, 1])
    _ = try executable.run(on: Executors.one, store, feeding: [ids: try Tensor([Int32(0), 2], shape: [2])])
    #expect(try store.tensor(named: "table").elements(Float.self)[2] == 1)
  }
}
