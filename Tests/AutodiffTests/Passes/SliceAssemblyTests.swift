import Testing
import TributaryOps

@testable import TributaryAutodiff

@Suite struct SliceAssemblyTests {
  private let g = GraphBuilder()

  private func assembled(_ values: Value...) throws -> Graph {
    DeadCodeElimination().run(SliceAssembly().run(try g.graph(fetching: values)))
  }

  @Test("gradients of slices become one concatenation, zeros between them")
  func goldenExample() throws {
    let x = g.input("x", [2, 8])
    let y = sum(square(slice(x, axis: 1, 4..<6))) + sum(exp(slice(x, axis: 1, 0..<3)))
    let graph = try g.graph(fetching: [g.gradients(of: y, withRespectTo: [x])[x]]).simplified()
    #expect(
      graph.description == """
        %0 = input "x" : f32[2, 8]
        %1 = slice(%0) {starts: [0, 4], stops: [2, 6], steps: [1, 1]} : f32[2, 2]
        %2 = slice(%0) {starts: [0, 0], stops: [2, 3], steps: [1, 1]} : f32[2, 3]
        %3 = exp(%2) : f32[2, 3]
        %4 = constant [2.0] : f32[1, 1]  // gradient
        %5 = mul(%4, %1) : f32[2, 2]  // gradient
        %6 = constant [0.0, 0.0] : f32[2, 1]  // gradient
        %7 = constant [0.0, 0.0, 0.0, 0.0] : f32[2, 2]  // gradient
        %8 = concat(%3, %6, %5, %7) {axis: 1} : f32[2, 8]  // gradient
        fetch %8

        """)
  }

  @Test("slices that overlap, step or cut several axes are added as before")
  func othersStay() throws {
    let x = g.input("x", [4, 6])
    let parts = [
      slice(x, axis: 0, 0..<2), slice(x, axis: 0, 1..<3), slice(x, axis: 0, 3..<4),
      slice(x, starts: [0], stops: [4], steps: [2]), slice(x, starts: [0, 0], stops: [2, 2]),
    ]
    let y = parts.map { sum(square($0)) }.reduce(sum(x), +)
    let result = g.gradients(of: y, withRespectTo: [x])[x]
    let graph = try assembled(result)
    #expect(graph.count("concat") == 1)
    #expect(graph.count("slice_scatter") == 3)
    let total = try #require(graph.nodes.last { $0.appliedOperator is Accumulate })
    #expect(total.inputs.count == 5)
  }

  @Test("a slice of a single element has no step to speak of")
  func singleElements() throws {
    let x = g.input("x", [3])
    let y = (0..<3).map { sum(exp(slice(x, axis: 0, $0..<$0 + 1))) }.reduce(g.constant(0), +)
    let result = g.gradients(of: y, withRespectTo: [x])[x]
    let graph = try assembled(result)
    #expect(graph.count("slice_scatter") == 0)
    #expect(graph.count("fill") <= 1 && graph.count("concat") == 1)
  }

  @Test("with and without: the same numbers, and first and second derivatives agree with differences")
  func sameNumbers() throws {
    func loss(_ x: Value) -> Value {
      let parts = [
        slice(x, axis: 1, 5..<7), slice(x, axis: 1, 0..<3), slice(x, axis: 1, 2..<4),
        slice(x, axis: 0, 1..<2),
      ]
      return parts.enumerated().map { sum(sin($1 * Double($0 + 1))) }.reduce(sum(square(x)), +)
    }
    let point = try Model.noise([3, 8], .float64, stream: 1, deviation: 0.5)
    for order in [1, 2] {
      let report = try GradientCheck(tolerance: 1e-6, order: order).run(at: [point]) { loss($1[0]) }
      #expect(report.passed, "\(report)")
    }
    let x = g.input("x", [3, 8], dtype: .float64)
    let graph = try g.graph(fetching: [g.gradients(of: loss(x), withRespectTo: [x])[x]])
    let passed = SliceAssembly().run(graph)
    #expect(passed.count("concat") == 1)
    let results = try [graph, passed].map {
      try GraphInterpreter($0).run(feeding: ["x": point]).fetches[0].doubles
    }
    #expect(zip(results[0], results[1]).allSatisfy { abs($0 - $1) <= 1e-15 })
  }
}
