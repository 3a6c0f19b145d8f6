import Testing
import TributaryAutodiff
import TributaryOps

@Suite struct GraphTextTests {
  private func step() throws -> Graph {
    let g = GraphBuilder()
    let x = g.input("x", [2, 3])
    let w = g.parameter("w", [3, 4], initial: .glorotUniform)
    let count = g.state("count", TensorType(.int64, []), initial: .constant(0))
    let y = g.scope("layer") { relu(matmul(x, w)) }
    g.assign(count, count + 1)
    let loss = mean(y)
    let d = g.gradients(of: loss, withRespectTo: [w])
    return try g.graph(
      fetching: [loss, count.afterStep], updating: Update([.init(state: w, value: w - d[w] * 0.5)]))
  }

  @Test("the text of a step, as built")
  func text() throws {
    let text = try step().description
    #expect(
      text == """
        %0 = input "x" : f32[2, 3]
        %1 = parameter "w" : f32[3, 4]
        %2 = state "count" : i64[]
        %3 = matmul(%0, %1) : f32[2, 4]  // layer
        %4 = relu(%3) : f32[2, 4]  // layer
        %5 = constant 1 : i64[]
        %6 = add(%2, %5) : i64[]
        %7 = mean(%4) {axes: [0, 1], keepdims: false} : f32[]
        %8 = constant 1.0 : f32[]
        %9 = constant 8.0 : f32[]  // gradient
        %10 = div(%8, %9) : f32[]  // gradient
        %11 = reshape(%10) {shape: [1, 1]} : f32[1, 1]  // gradient
        %12 = broadcast_to(%11) {shape: [2, 4]} : f32[2, 4]  // gradient
        %13 = relu_gradient(%12, %4) : f32[2, 4]  // gradient/layer
        %14 = matmul(%0, %13) {transpose_a: true} : f32[3, 4]  // gradient/layer
        %15 = constant 0.5 : f32[]
        %16 = mul(%14, %15) : f32[3, 4]
        %17 = sub(%1, %16) : f32[3, 4]
        fetch %7
        fetch "count" after the step
        assign "w" <- %17
        assign "count" <- %6

        """)
  }

  @Test("the text of a step, simplified")
  func simplifiedText() throws {
    let text = try step().simplified().description
    #expect(
      text == """
        %0 = input "x" : f32[2, 3]
        %1 = parameter "w" : f32[3, 4]
        %2 = state "count" : i64[]
        %3 = matmul(%0, %1) : f32[2, 4]  // layer
        %4 = relu(%3) : f32[2, 4]  // layer
        %5 = constant 1 : i64[]
        %6 = add(%2, %5) : i64[]
        %7 = mean(%4) {axes: [0, 1], keepdims: false} : f32[]
        %8 = constant [0.125] : f32[1, 1]  // gradient
        %9 = relu_gradient(%8, %4) : f32[2, 4]  // gradient/layer
        %10 = matmul(%0, %9) {transpose_a: true} : f32[3, 4]  // gradient/layer
        %11 = constant 0.5 : f32[]
        %12 = mul(%10, %11) : f32[3, 4]
        %13 = sub(%1, %12) : f32[3, 4]
        fetch %7
        fetch "count" after the step
        assign "w" <- %13
        assign "count" <- %6

        """)
  }

  @Test("the text of several outputs and of constants")
  func details() throws {
    let g = GraphBuilder()
    let x = g.input("x \\ y", [5], dtype: .float64)
    let c = g.constant(try Tensor([Int32(1), 2, 3, 4, 5], shape: [5]))
    let graph = try g.graph(fetching: [x, cast(c, to: .float64) * x])
    #expect(
      graph.description == """
        %0 = input "x \\ y" : f64[5]
        %1 = constant [1, 2, 3, 4, …] : i32[5]
        %2 = cast(%1) {to: f64} : f64[5]
        %3 = mul(%2, %0) : f64[5]
        fetch %0
        fetch %3

        """)
    #expect(graph.dot.contains("n0 [label=\"%0 x \\\\ y\\nf64[5]\", shape=ellipse];"))
  }

  @Test("the DOT of a small graph")
  func dot() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let w = g.parameter("w", [2], initial: .constant(1))
    let y = g.scope("inner") { x * w }
    let graph = try g.graph(fetching: [y], updating: Update([.init(state: w, value: y)]))
    #expect(
      graph.dot == """
        digraph graph_of_operators {
          rankdir=TB;
          node [shape=box, fontname="Helvetica"];
          n0 [label="%0 x\\nf32[2]", shape=ellipse];
          n1 [label="%1 w\\nf32[2]", shape=cylinder];
          subgraph cluster_1 {
            label="inner";
            n2 [label="%2 mul\\nf32[2]"];
          }
          n0 -> n2;
          n1 -> n2;
          f0 [label="fetch 0", shape=plaintext];
          n2 -> f0;
          s0 [label="w after", shape=cylinder];
          n2 -> s0;
        }

        """)
  }
}
