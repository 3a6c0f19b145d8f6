import Testing
import TributaryOps

@testable import TributaryAutodiff

@Suite struct ElementwiseFusionTests {
  private let g = GraphBuilder()

  @Test("a chain with a broadcast input, a second output and a reduction of its rows becomes one operator")
  func goldenExample() throws {
    let x = g.input("x", [256, 128])
    let b = g.parameter("b", [128], initial: .constant(0))
    let y = tanh(x + b)
    let graph = try g.graph(fetching: [y, sum(y * y, axes: [1])])
    #expect(
      graph.description == """
        %0 = input "x" : f32[256, 128]
        %1 = parameter "b" : f32[128]
        %2 = add(%0, %1) : f32[256, 128]
        %3 = tanh(%2) : f32[256, 128]
        %4 = mul(%3, %3) : f32[256, 128]
        %5 = sum(%4) {axes: [1], keepdims: false} : f32[256]
        fetch %3
        fetch %5

        """)
    #expect(
      ElementwiseFusion().run(graph).description == """
        %0 = input "x" : f32[256, 128]
        %1 = parameter "b" : f32[128]
        %2 = fused(%0, %1) {steps: add(x0, x1) → tanh(s0) → mul(s1, s1) → \
        sum(s2, axes: [1], keepdims: false), outputs: [1, 3]} : f32[256, 128], f32[256]
        fetch %2.0
        fetch %2.1

        """)
  }

  @Test("a normalisation of rows, written out, is one operator; its columns lie between its steps")
  func normalization() throws {
    let x = g.input("x", [128, 256])
    let centred = x - mean(x, axes: [1], keepDimensions: true)
    let variance = mean(square(centred), axes: [1], keepDimensions: true)
    let graph = try g.graph(fetching: [centred * rsqrt(variance + 1e-5)])
    let joined = ElementwiseFusion().run(graph)
    #expect(joined.nodes.filter { $0.appliedOperator != nil }.map { $0.appliedOperator?.name } == ["fused"])
    try expectEqualBits(graph, joined, ["x": Model.noise([128, 256], stream: 1)])
  }

  @Test("a value that somebody needs before the last member stays outside the group")
  func noCircle() throws {
    let x = g.input("x", [256, 128])
    let w = g.input("w", [128, 128])
    let a = exp(x)
    let b = matmul(a, w)
    let graph = try g.graph(fetching: [a * b + a])
    let joined = ElementwiseFusion().run(graph)
    #expect(joined.count("exp") == 1 && joined.count("matmul") == 1 && joined.count("fused") == 1)
    for (index, node) in joined.nodes.enumerated() { #expect(node.inputs.allSatisfy { $0.node < index }) }
    try expectEqualBits(
      graph, joined, ["x": Model.noise([256, 128], stream: 1), "w": Model.noise([128, 128], stream: 2)])
  }

  @Test("sums of gradients join as additions from left to right")
  func sums() throws {
    let x = g.input("x", [256, 128])
    let parts = [tanh(x), x * 2, exp(x)]
    let graph = try g.graph(fetching: [tanh(g.apply(Accumulate(), to: parts[0], parts[1], parts[2]))])
    let joined = ElementwiseFusion().run(graph)
    #expect(joined.count("accumulate") == 0 && joined.count("fused") == 1)
    try expectEqualBits(graph, joined, ["x": Model.noise([256, 128], stream: 1)])
  }

  @Test("small values, short broadcast rows, new states and other operators stay as they are")
  func othersStay() throws {
    let small = g.input("small", [64, 64])
    let short = g.input("short", [20000, 3])
    let sorted = g.input("sorted", [256, 128])
    let column = g.input("column", [20000, 1])
    let state = g.state("s", TensorType(.float32, [256, 128]), initial: .constant(0))
    var update = Update()
    update.assign(state, state * 0.5 + 1)
    let graph = try g.graph(
      fetching: [tanh(small * 2), short * column + column, softmax(sorted, axis: 1)], updating: update)
    #expect(ElementwiseFusion().run(graph).count("fused") == 0)
  }

  private func expectEqualBits(_ before: Graph, _ after: Graph, _ feeds: [String: Tensor]) throws {
    let results = try [before, after].map {
      try GraphInterpreter($0).run(feeding: feeds).fetches.map(\.bytes)
    }
    #expect(results[0] == results[1])
  }
}
