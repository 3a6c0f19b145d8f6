import Testing
import TributaryAutodiff
import TributaryOps

@Suite struct PassTests {
  private let g = GraphBuilder()

  private func graph(_ values: Value...) throws -> Graph { try g.graph(fetching: values) }

  @Test("dead code goes, with the states that only it read")
  func deadCode() throws {
    let x = g.input("x", [2])
    let w = g.parameter("w", [2], initial: .constant(0))
    var graph = try graph(tanh(x), x * w)
    graph.fetches.removeLast()
    #expect(
      graph.description == """
        %0 = input "x" : f32[2]
        %1 = parameter "w" : f32[2]
        %2 = tanh(%0) : f32[2]
        %3 = mul(%0, %1) : f32[2]
        fetch %2

        """)
    let result = DeadCodeElimination().run(graph)
    #expect(
      result.description == """
        %0 = input "x" : f32[2]
        %1 = tanh(%0) : f32[2]
        fetch %1

        """)
    #expect(result.states.isEmpty)
  }

  @Test("what is computed twice is computed once; states and inputs are left alone")
  func commonSubexpressions() throws {
    let x = g.input("x", [2])
    let y = g.input("y", [2])
    let a = tanh(x * 2)
    let b = tanh(x * 2)
    let before = try graph(a + b, tanh(y * 2), slice(x, axis: 0, 0..<1), slice(x, axis: 0, 1..<2))
    #expect(before.count("tanh") == 3)
    let after = DeadCodeElimination().run(CommonSubexpressions().run(before))
    #expect(
      after.description == """
        %0 = input "x" : f32[2]
        %1 = input "y" : f32[2]
        %2 = constant 2.0 : f32[]
        %3 = mul(%0, %2) : f32[2]
        %4 = tanh(%3) : f32[2]
        %5 = add(%4, %4) : f32[2]
        %6 = mul(%1, %2) : f32[2]
        %7 = tanh(%6) : f32[2]
        %8 = slice(%0) {starts: [0], stops: [1], steps: [1]} : f32[1]
        %9 = slice(%0) {starts: [1], stops: [2], steps: [1]} : f32[1]
        fetch %5
        fetch %7
        fetch %8
        fetch %9

        """)
  }

  @Test("what depends on constants alone is computed now")
  func folding() throws {
    let x = g.input("x", [2])
    let c = g.constant(3)
    let graph = try graph(x * (exp(c * 0) + 2), broadcast(c, to: [64, 64]))
    let result = DeadCodeElimination().run(ConstantFolding().run(graph))
    #expect(
      result.description == """
        %0 = input "x" : f32[2]
        %1 = constant 3.0 : f32[]
        %2 = constant 3.0 : f32[]
        %3 = mul(%0, %2) : f32[2]
        %4 = broadcast_to(%1) {shape: [64, 64]} : f32[64, 64]
        fetch %3
        fetch %4

        """)
  }

  @Test("a check of finite values stays, one for each compilation")
  func guards() throws {
    let x = g.input("x", [2])
    let y = tanh(x)
    _ = try g.graph(fetching: [x], checkingFinite: [x])
    let result = try g.graph(fetching: [x], checkingFinite: [y, x]).simplified()
    #expect(
      result.description == """
        %0 = input "x" : f32[2]
        %1 = tanh(%0) : f32[2]
        %2 = check_finite(%1, %0) : bool[]
        fetch %0

        """)
    #expect(issues(of: g, fetching: [], checking: [g.input("n", [1], dtype: .int32)]).map(\.code) == [.dtype])
  }

  @Test("an operator that faults is left for the run")
  func foldingFault() throws {
    let rows = embedding(
      g.constant(try Tensor([Float(1), 2], shape: [2, 1])), g.constant(try Tensor([Int64(5)], shape: [1])))
    let result = ConstantFolding().run(try graph(rows))
    #expect(result.count("embedding") == 1)
  }

  @Test("what changes nothing goes")
  func identities() throws {
    let x = g.input("x", [2, 3])
    let values = [
      x * 1, 1 * x, x / 1, x - 0, reshape(x, [2, 3]), broadcast(x, to: [2, 3]), stopGradient(x), -(-x),
      transpose(transpose(x)), reshape(reshape(x, [6]), [2, 3]), slice(x, axis: 0, 0..<2), concat([x]),
      pad(x, [(before: 0, after: 0), (before: 0, after: 0)]),
    ]
    let result = try g.graph(fetching: values).simplified()
    #expect(result.nodes.count == 1)
    #expect(result.fetches == values.map { _ in .value(ValueID(node: 0)) })
  }

  @Test("what changes a bit stays")
  func notIdentities() throws {
    let x = g.input("x", [2])
    let result = try graph(x + 0, x - (-0.0), x * 2, 0 - x, 1 / x, x * g.input("one", [1])).simplified()
    #expect(result.nodes.count { $0.appliedOperator != nil } == 6)
  }

  @Test("moved data is moved once")
  func merging() throws {
    let x = g.input("x", [2, 3, 4])
    let result = try graph(
      transpose(transpose(x, permutation: [1, 2, 0]), permutation: [0, 2, 1]),
      reshape(reshape(x, [24]), [4, 6])
    ).simplified()
    #expect(
      result.description == """
        %0 = input "x" : f32[2, 3, 4]
        %1 = transpose(%0) {permutation: [1, 0, 2]} : f32[3, 2, 4]
        %2 = reshape(%0) {shape: [4, 6]} : f32[4, 6]
        fetch %1
        fetch %2

        """)
  }

  @Test("elementwise work is done before a broadcast")
  func narrowing() throws {
    let x = g.input("x", [3])
    let y = g.input("y", [2, 3])
    let wide = broadcast(x, to: [2, 3])
    let result = try graph(tanh(wide * 2), wide * y).simplified()
    #expect(
      result.description == """
        %0 = input "x" : f32[3]
        %1 = input "y" : f32[2, 3]
        %2 = constant 2.0 : f32[]
        %3 = mul(%0, %2) : f32[3]
        %4 = tanh(%3) : f32[3]
        %5 = broadcast_to(%4) {shape: [2, 3]} : f32[2, 3]
        %6 = mul(%0, %1) : f32[2, 3]
        fetch %5
        fetch %6

        """)
  }

  @Test("simplifying keeps every bit of values and gradients, passes that only keep the numbers apart")
  func sameBits() throws {
    for function in GradientCase.all {
      var numbers = Numbers(seed: 9)
      let points = try function.points(&numbers)
      let builder = GraphBuilder()
      let inputs = points.enumerated().map { builder.input("x\($0)", $1.shape, dtype: $1.dtype) }
      let y = function.function(builder, inputs)
      let d = builder.gradients(of: sum(y), withRespectTo: inputs.filter { $0.dtype == .float64 })
      let graph = try builder.graph(fetching: [y] + d.all)
      let feeds = Dictionary(uniqueKeysWithValues: points.enumerated().map { ("x\($0)", $1) })
      let plain = try GraphInterpreter(graph).run(feeding: feeds).fetches
      let exact = try GraphInterpreter(graph.simplified(by: .exact)).run(feeding: feeds).fetches
      let simplified = graph.simplified()
      #expect(simplified.nodes.count <= graph.nodes.count)
      let after = try GraphInterpreter(simplified).run(feeding: feeds).fetches
      for (a, (b, c)) in zip(plain, zip(exact, after)) {
        #expect(a.type == b.type)
        let (left, right) = (a.withUnsafeBytes { Array($0) }, b.withUnsafeBytes { Array($0) })
        #expect(left == right, "\(function.name)")
        let isClose = try c.isClose(to: a, absolute: 1e-12, relative: 1e-11)
        #expect(isClose, "\(function.name)")
      }
    }
  }
}
