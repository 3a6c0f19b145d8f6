import Testing
import TributaryAutodiff
import TributaryOps

/// The issues that freezing a builder reports.
func issues(
  of builder: GraphBuilder, fetching values: [Value], updating update: Update? = nil,
  checking checked: [Value] = []
) -> [GraphError
  .Issue]
{
  do {
    _ = try builder.graph(fetching: values, updating: update, checkingFinite: checked)
    return []
  } catch {
    return error.issues
  }
}

@Suite struct GraphBuilderTests {
  @Test("values know their types, names and places")
  func declarations() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2, 3])
    let w = g.scope("layer") { g.parameter("w", [3, 4], dtype: .float64, initial: .normal(0.1)) }
    let step = g.state("step", TensorType(.int64, []), initial: .constant(0))
    #expect(x.type == TensorType(.float32, [2, 3]))
    #expect(w.name == "layer/w")
    #expect(w.dtype == .float64)
    #expect(g.parameters == [w])
    #expect(g.states == [w, step])
    #expect(x != w && x == x)
    #expect(w.afterStep != w)
  }

  @Test("scopes nest and close")
  func scopes() {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let inner = g.scope("a") { g.scope("b") { tanh(x) } }
    #expect(inner.name == "a/b/tanh")
    #expect(tanh(x).name == "tanh")
  }

  @Test("a bad shape is reported with operator, shapes, scope and line, and what follows from it is not")
  func badShape() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2, 3])
    let w = g.input("w", [4, 5])
    let line: UInt = #line + 1
    let y = g.scope("tower") { g.scope("layer1") { matmul(x, w) } }
    let z = tanh(y + 1) * y
    #expect(y.isPoisoned && z.isPoisoned)
    let found = issues(of: g, fetching: [z])
    try #require(found.count == 1)
    #expect(found[0].code == .shape)
    #expect(found[0].subject == "matmul")
    #expect(found[0].scope == "tower/layer1")
    #expect(found[0].source == "GraphBuilderTests.swift:\(line)")
    #expect(found[0].operands == [x.type, w.type])
    let text = "\(GraphError(found))"
    for part in ["[2, 3]", "[4, 5]", "x f32", "w f32", "tower/layer1", "GraphBuilderTests.swift:\(line)"] {
      #expect(text.contains(part), "\(part) is missing in \(text)")
    }
  }

  @Test("all mistakes are thrown at once, in order")
  func severalMistakes() {
    let g = GraphBuilder()
    let x = g.input("x", [2, 3])
    let a = x + g.input("y", [4])
    let b = sum(x, axes: [5])
    let c = reshape(x, [4, -1])
    let d = concat([x, g.input("z", [2, 3, 1])], axis: 0)
    let e = split(x, sizes: [1, 1], axis: 1)
    let found = issues(of: g, fetching: [a, b, c, d] + e)
    #expect(found.map(\.subject) == ["add", "sum", "reshape", "concat", "split"])
    #expect(found.allSatisfy { $0.code == .shape })
  }

  @Test("an operator such as + names the lines of its operands")
  func operatorLine() throws {
    let g = GraphBuilder()
    let line: UInt = #line + 1
    let x = g.input("x", [2])
    let found = issues(of: g, fetching: [x + g.input("y", [3])])
    #expect(found.first?.message.contains("GraphBuilderTests.swift:\(line)") == true)
    #expect(found.first?.source == "GraphBuilderTests.swift:\(line + 1)")
  }

  @Test("element types that differ are mended by the cast that the error names")
  func mixedTypes() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let n = g.input("n", [2], dtype: .float64)
    let found = issues(of: g, fetching: [x * n])
    try #require(found.count == 1)
    #expect(found[0].code == .dtype)
    #expect(found[0].message.contains("cast(n, to: .float32)"))
    #expect(issues(of: GraphBuilder(), fetching: []).isEmpty)
  }

  @Test("a number takes the other operand's element type")
  func numbers() {
    let g = GraphBuilder()
    let x = g.input("x", [2], dtype: .float64)
    let n = g.input("n", [2], dtype: .int32)
    #expect((2 * x + 1).dtype == .float64)
    #expect((n + 1).dtype == .int32)
    #expect(issues(of: g, fetching: [n * 0.5]).first?.code == .dtype)
  }

  @Test("names are unique and sound")
  func names() {
    let g = GraphBuilder()
    let first = g.input("x", [2])
    let second = g.parameter("x", [3], initial: .constant(0))
    let scoped = g.scope("a") { g.input("x", [2]) }
    let empty = g.input("", [2])
    #expect(!first.isPoisoned && !scoped.isPoisoned)
    #expect(second.isPoisoned && empty.isPoisoned)
    #expect(issues(of: g, fetching: []).map(\.code) == [.duplicateName, .invalidName])
  }

  @Test("impossible declarations are errors")
  func declarationsThatCannotBe() {
    let g = GraphBuilder()
    _ = g.input("negative", [2, -1])
    _ = g.input("deep", [1, 1, 1, 1, 1, 1, 1, 1, 1])
    _ = g.input("huge", [Int.max, 2])
    _ = g.parameter("integers", [2], dtype: .int32, initial: .constant(0))
    _ = g.parameter("short", [3], initial: .values([1, 2]))
    #expect(issues(of: g, fetching: []).map(\.code) == [.shape, .shape, .shape, .dtype, .shape])
  }

  @Test("values of another builder are refused where they are used")
  func foreignValues() {
    let g = GraphBuilder()
    let other = GraphBuilder()
    let x = g.input("x", [2])
    let y = other.input("y", [2])
    _ = x + y
    _ = g.gradients(of: sum(x), withRespectTo: [y])
    #expect(issues(of: g, fetching: [x, y]).map(\.code) == [.foreignValue, .foreignValue, .foreignValue])
    let clean = GraphBuilder()
    #expect(issues(of: clean, fetching: [concat([])]).map(\.code) == [.foreignValue])
    let z = clean.input("z", [2])
    #expect(
      issues(of: clean, fetching: [z + concat([])]).first?.message.contains("at least one value") == true)
  }

  @Test("states are assigned once, with their type, and by states only")
  func assignments() throws {
    let g = GraphBuilder()
    let w = g.parameter("w", [2], initial: .constant(1))
    let x = g.input("x", [2])
    g.assign(w, w + x)
    g.assign(w, x)
    g.assign(x, w)
    g.assign(g.state("n", TensorType(.int64, []), initial: .constant(0)), sum(x))
    #expect(issues(of: g, fetching: []).map(\.code) == [.assignedTwice, .notState, .dtype])
  }

  @Test("an update repeats none of the builder's assignments and is checked alike")
  func updates() {
    let g = GraphBuilder()
    let w = g.parameter("w", [2], initial: .constant(1))
    let x = g.input("x", [2])
    g.assign(w, w * 2)
    var update = Update()
    update.assign(w, x)
    #expect(issues(of: g, fetching: [w], updating: update).map(\.code) == [.assignedTwice])
    update = Update([Update.Entry(state: x, value: w), Update.Entry(state: w, value: w.afterStep)])
    #expect(issues(of: g, fetching: [], updating: update).map(\.code) == [.notState, .afterStep])
    #expect(issues(of: g, fetching: [w], updating: Update()).isEmpty)
  }

  @Test("a graph without an update assigns nothing; with one, fetches see both moments")
  func moments() throws {
    let g = GraphBuilder()
    let w = g.parameter("w", [2], initial: .constant(1))
    let v = g.parameter("v", [2], initial: .constant(1))
    g.assign(w, w * 2)
    let evaluation = try g.graph(fetching: [w])
    #expect(evaluation.assignments.isEmpty)
    #expect(issues(of: g, fetching: [w.afterStep]).map(\.code) == [.afterStep])
    let step = try g.graph(fetching: [w, w.afterStep, v.afterStep], updating: Update())
    #expect(step.assignments.count == 1)
    let state = try #require(step.states.firstIndex { $0.name == "w" })
    #expect(step.fetches[1] == .stateAfter(state))
    let outcome = try GraphInterpreter(step).run(states: [
      "w": try Tensor([Float(1), 2], shape: [2]), "v": try Tensor([Float(5), 6], shape: [2]),
    ])
    #expect(try outcome.fetches.map { try $0.elements(Float.self) } == [[1, 2], [2, 4], [5, 6]])
    #expect(try outcome.states["w"]?.elements(Float.self) == [2, 4])
  }

  @Test("a state after the step is only fetched")
  func afterStep() {
    let g = GraphBuilder()
    let w = g.parameter("w", [2], initial: .constant(1))
    let x = g.input("x", [2])
    _ = w.afterStep + x
    #expect(issues(of: g, fetching: [x.afterStep]).map(\.code) == [.afterStep, .notState])
  }

  @Test("a graph holds what its fetches need and nothing else")
  func reachable() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    _ = g.input("unused", [2])
    _ = g.parameter("idle", [2], initial: .constant(0))
    _ = exp(x)
    let graph = try g.graph(fetching: [tanh(x), x])
    #expect(graph.nodes.count == 2)
    #expect(graph.states.isEmpty)
    #expect(graph.fetches == [.value(ValueID(node: 1)), .value(ValueID(node: 0))])
  }

  @Test("parameters that lead to a value, in order of declaration")
  func parametersReaching() {
    let g = GraphBuilder()
    let a = g.parameter("a", [2], initial: .constant(0))
    let b = g.parameter("b", [2], initial: .constant(0))
    let c = g.parameter("c", [2], initial: .constant(0))
    #expect(g.parameters(reaching: [sum(c * a)]) == [a, c])
    #expect(g.parameters == [a, b, c])
  }

  @Test("two tasks may build one graph")
  func concurrentBuilding() async throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let results = await withTaskGroup(of: Value.self) { group in
      for task in 0..<4 {
        group.addTask { g.scope("t\(task)") { (0..<200).reduce(x) { value, _ in value + 1 } } }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let graph = try g.graph(fetching: results)
    let outcome = try GraphInterpreter(graph).run(feeding: ["x": try Tensor([Float(0), 1], shape: [2])])
    #expect(try outcome.fetches.allSatisfy { try $0.elements(Float.self) == [200, 201] })
    for task in 0..<4 { #expect(graph.nodes.count { $0.name == "t\(task)/add" } == 200) }
  }
}
