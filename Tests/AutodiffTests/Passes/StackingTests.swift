import Testing
import TributaryOps

@testable import TributaryAutodiff

@Suite struct StackingTests {
  private let g = GraphBuilder()

  /// Products of slices of x, three rows each, with one weight.
  private func products(_ x: Value, _ w: Value, steps: Int) -> [Value] {
    (0..<steps).map { matmul(reshape(slice(x, axis: 0, $0..<$0 + 1), [3, x.shape[2]]), w) }
  }

  @Test("products of adjoining rows are one product of all rows")
  func goldenProducts() throws {
    let x = g.input("x", [2, 3, 4])
    let w = g.input("w", [4, 5])
    let before = try g.graph(fetching: products(x, w, steps: 2).map { tanh($0) })
    #expect(
      before.description == """
        %0 = input "x" : f32[2, 3, 4]
        %1 = input "w" : f32[4, 5]
        %2 = slice(%0) {starts: [0, 0, 0], stops: [1, 3, 4], steps: [1, 1, 1]} : f32[1, 3, 4]
        %3 = reshape(%2) {shape: [3, 4]} : f32[3, 4]
        %4 = matmul(%3, %1) : f32[3, 5]
        %5 = slice(%0) {starts: [1, 0, 0], stops: [2, 3, 4], steps: [1, 1, 1]} : f32[1, 3, 4]
        %6 = reshape(%5) {shape: [3, 4]} : f32[3, 4]
        %7 = matmul(%6, %1) : f32[3, 5]
        %8 = tanh(%4) : f32[3, 5]
        %9 = tanh(%7) : f32[3, 5]
        fetch %8
        fetch %9

        """)
    #expect(
      DeadCodeElimination().run(ProductStacking().run(before)).description == """
        %0 = input "x" : f32[2, 3, 4]
        %1 = input "w" : f32[4, 5]
        %2 = reshape(%0) {shape: [6, 4]} : f32[6, 4]
        %3 = matmul(%2, %1) : f32[6, 5]
        %4 = slice(%3) {starts: [0, 0], stops: [3, 5], steps: [1, 1]} : f32[3, 5]
        %5 = slice(%3) {starts: [3, 0], stops: [6, 5], steps: [1, 1]} : f32[3, 5]
        %6 = tanh(%4) : f32[3, 5]
        %7 = tanh(%5) : f32[3, 5]
        fetch %6
        fetch %7

        """)
  }

  @Test("contributions to a weight are one product of stacked rows, those to an offset one sum")
  func goldenGradients() throws {
    let x = g.input("x", [4, 3, 4])
    let d = (0..<4).map { g.input("d\($0)", [3, 5]) }
    let w = g.input("w", [4, 5])
    let b = g.input("b", [5])
    let y = products(x, w, steps: 4).map { $0 + b }
    let loss = zip(y, d).map { sum($0 * $1) }.reduce(g.constant(0), +)
    let before = try g.graph(fetching: g.gradients(of: loss, withRespectTo: [w, b]).all)
      .simplified(by: PassSelection(parsing: "-gradient-stacking"))
    #expect(before.count("accumulate") == 2 && before.count("matmul") == 4)
    #expect(
      DeadCodeElimination().run(GradientStacking().run(before)).description == """
        %0 = input "x" : f32[4, 3, 4]
        %1 = input "d0" : f32[3, 5]
        %2 = input "d1" : f32[3, 5]
        %3 = input "d2" : f32[3, 5]
        %4 = input "d3" : f32[3, 5]
        %5 = concat(%1, %2, %3, %4) {axis: 0} : f32[12, 5]  // gradient
        %6 = sum(%5) {axes: [0], keepdims: false} : f32[5]  // gradient
        %7 = reshape(%0) {shape: [12, 4]} : f32[12, 4]  // gradient
        %8 = matmul(%7, %5) {transpose_a: true} : f32[4, 5]  // gradient
        fetch %8
        fetch %6

        """)
  }

  @Test("stacks are closed at enough rows, and rows that do not adjoin, tall or transposed products stay")
  func limits() throws {
    let steps = 200
    let x = g.input("x", [steps, 3, 4])
    let w = g.input("w", [4, 5])
    let graph = try g.graph(fetching: products(x, w, steps: steps).map { tanh($0) }).simplified()
    #expect(graph.count("matmul") == 3)
    let largest = ProductStacking.largest + 1
    let tall = g.input("tall", [2 * largest, 4])
    let apart = (0..<2).map { matmul(slice(x, starts: [2 * $0, 0, 0], stops: [2 * $0 + 1, 3, 4]), w) }
    let others = [
      matmul(slice(tall, axis: 0, 0..<largest), w), matmul(slice(tall, axis: 0, largest..<2 * largest), w),
      matmul(slice(tall, axis: 0, 0..<5), slice(tall, axis: 0, 0..<5), transposeA: true),
      matmul(slice(tall, axis: 0, 5..<10), slice(tall, axis: 0, 0..<5), transposeA: true),
    ]
    let plain = try g.graph(fetching: apart + others)
    #expect(ProductStacking().run(plain).count("matmul") == 6)
  }

  @Test("with and without: the same bits of rows, equal gradients", arguments: [1, 3, 40])
  func sameNumbers(_ steps: Int) throws {
    let builder = GraphBuilder()
    let x = builder.input("x", [steps, 3, 4], dtype: .float64)
    let w = builder.input("w", [4, 5], dtype: .float64)
    let u = builder.input("u", [5, 5], dtype: .float64)
    let b = builder.input("b", [5], dtype: .float64)
    var h = builder.constant(try Tensor([Double](repeating: 0.1, count: 15), shape: [3, 5]))
    for product in products(x, w, steps: steps) { h = tanh(product + matmul(h, u) + b) }
    let loss = sum(square(h))
    let graph = try builder.graph(
      fetching: [loss] + builder.gradients(of: loss, withRespectTo: [w, u, b, x]).all)
    var feeds: [String: Tensor] = [:]
    for (stream, input) in [x, w, u, b].enumerated() {
      feeds[["x", "w", "u", "b"][stream]] = try Model.noise(
        input.shape, .float64, stream: UInt64(stream), deviation: 0.5)
    }
    let rows = ProductStacking().run(graph)
    let all = graph.simplified()
    #expect(
      steps < 3 || (rows.count("matmul") < graph.count("matmul") && (steps < 4 || all.count("concat") > 1)))
    let plain = try GraphInterpreter(graph).run(feeding: feeds).fetches
    let stacked = try GraphInterpreter(rows).run(feeding: feeds).fetches
    #expect(plain.map(\.bytes) == stacked.map(\.bytes))
    for (a, c) in zip(plain, try GraphInterpreter(all).run(feeding: feeds).fetches) {
      let isClose = try c.isClose(to: a, absolute: 1e-13, relative: 1e-11)
      #expect(isClose)
    }
  }
}
