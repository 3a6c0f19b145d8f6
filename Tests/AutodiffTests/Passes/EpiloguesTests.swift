import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

@Suite struct EpiloguesTests {
  private let g = GraphBuilder()

  @Test(
    "bias and activation go into the product; so does the derivative into the one that makes its cotangent")
  func goldenExample() throws {
    let x = g.input("x", [256, 64])
    let w = g.parameter("w", [64, 128], initial: .normal(1))
    let b = g.parameter("b", [128], initial: .constant(0))
    let v = g.parameter("v", [128, 32], initial: .normal(1))
    let h = tanh(matmul(x, w) + b)
    let y = matmul(h, v)
    let graph = try g.graph(fetching: [y, g.vjp(of: [y], cotangents: [y], withRespectTo: [w])[0]])
    #expect(
      ElementwiseFusion().run(graph).description == """
        %0 = input "x" : f32[256, 64]
        %1 = parameter "w" : f32[64, 128]
        %2 = parameter "b" : f32[128]
        %3 = parameter "v" : f32[128, 32]
        %4 = matmul(%0, %1) : f32[256, 128]
        %5 = fused(%4, %2) {steps: add(x0, x1) → tanh(s0), outputs: [1]} : f32[256, 128]
        %6 = matmul(%5, %3) : f32[256, 32]
        %7 = matmul(%6, %3) {transpose_b: true} : f32[256, 128]  // gradient
        %8 = tanh_gradient(%7, %5) : f32[256, 128]  // gradient
        %9 = matmul(%0, %8) {transpose_a: true} : f32[64, 128]  // gradient
        fetch %6
        fetch %9

        """)
    #expect(
      Epilogues().run(ElementwiseFusion().run(graph)).description == """
        %0 = input "x" : f32[256, 64]
        %1 = parameter "w" : f32[64, 128]
        %2 = parameter "b" : f32[128]
        %3 = parameter "v" : f32[128, 32]
        %4 = epilogue(%0, %1, %2) {root: matmul(r0, r1), steps: add(x0, x1) → tanh(s0), outputs: [1]} \
        : f32[256, 128]
        %5 = matmul(%4, %3) : f32[256, 32]
        %6 = epilogue(%5, %3, %4) {root: matmul(r0, r1, transpose_b: true), \
        steps: tanh_gradient(x0, x1), outputs: [0]} : f32[256, 128]  // gradient
        %7 = matmul(%0, %6) {transpose_a: true} : f32[64, 128]  // gradient
        fetch %5
        fetch %7

        """)
  }

  @Test("a product that others read, or whose rows are reduced, stays by itself; of two the later one goes")
  func othersStay() throws {
    let x = g.input("x", [256, 64])
    let w = g.input("w", [64, 128])
    let product = matmul(x, w)
    let shared = try g.graph(fetching: [tanh(product), product])
    #expect(Epilogues().run(shared).count("epilogue") == 0)
    let reduced = try g.graph(fetching: [tanh(matmul(x, w)), sum(exp(matmul(x, w * 2)), axes: [1])])
    let joined = Epilogues().run(ElementwiseFusion().run(reduced))
    #expect(joined.count("epilogue") == 1 && joined.count("fused") == 1)
    let wide = matmul(x, w * 3)
    let inside = try g.graph(fetching: [wide - mean(wide, axes: [1], keepDimensions: true)])
    #expect(Epilogues().run(ElementwiseFusion().run(inside)).count("epilogue") == 0)
    let two = Epilogues().run(try g.graph(fetching: [matmul(x, w) + matmul(x * 2, w)]))
    #expect(two.count("epilogue") == 1 && two.count("matmul") == 1)
    #expect(two.nodes.last?.inputs.count == 3)
  }

  /// Layers with everything that a product may be followed by, wide enough that products are cut in both directions.
  private func model(_ dtype: DType) throws -> Model {
    let x = g.input("x", [256, 96], dtype: dtype)
    let w = g.parameter("w", [96, 640], dtype: dtype, initial: .normal(0.1))
    let b = g.parameter("b", [640], dtype: dtype, initial: .normal(0.1))
    let v = g.parameter("v", [640, 640], dtype: dtype, initial: .normal(0.1))
    let h = gelu(matmul(x, w) + b, approximate: true)
    let k = h + matmul(h, v) * 0.5
    let centre = mean(k, axes: [1], keepDimensions: true)
    let y = relu(matmul(k - centre, v, transposeB: true) * k)
    return try Model.descent(
      g, sum(square(y)), fetching: [y], feeds: ["x": Model.noise([256, 96], dtype, stream: 1)])
  }

  @Test(
    "the bits do not depend on the passes, the threads or how finely is cut",
    arguments: [DType.float32, .float64], [Granularity.default, .finest, .whole])
  func equalBits(_ dtype: DType, _ granularity: Granularity) throws {
    let model = try model(dtype)
    func run(_ passes: String, threads: Int) throws -> [[UInt8]] {
      let executable = try Executable(
        graph: model.graph,
        options: CompileOptions(granularity: granularity, passes: PassSelection(parsing: passes)))
      let names = executable.plan.graph.steps.compactMap(\.applied?.name)
      #expect(names.contains("epilogue") == !passes.contains("epilogues"))
      #expect(names.contains("fused") == !passes.contains("fusion"))
      let store = ParameterStore(executable, seed: 3)
      let fed = try executable.run(on: GraphExecutor(workers: threads), store, feedingByName: model.feeds)
      let states = try model.graph.states.map { try store.tensor(named: $0.name).bytes }
      return fed.tensors.map(\.bytes) + states
    }
    let expected = try run("-elementwise-fusion,-epilogues", threads: 1)
    for threads in [1, 2, 3, 8] { #expect(try run("", threads: threads) == expected, "\(threads) threads") }
    #expect(try run("-epilogues", threads: 2) == expected)
    #expect(try run("-elementwise-fusion", threads: 2) == expected)
  }
}
