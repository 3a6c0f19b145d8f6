import Testing
import TributaryAutodiff
import TributaryOps

@Suite struct ClippingTests {
  private func run(_ g: GraphBuilder, _ values: [Value]) throws -> [[Double]] {
    try GraphInterpreter(try g.graph(fetching: values)).run().fetches.map { tensor in
      tensor.dtype == .float32
        ? try tensor.elements(Float.self).map(Double.init) : try tensor.elements(Double.self)
    }
  }

  @Test("the global norm is over all values, and scales all alike", arguments: [0.5, 13, 1e9])
  func globalNorm(maximum: Double) throws {
    let g = GraphBuilder()
    let values = [
      g.constant(try Tensor([3.0, 4], shape: [2])), g.constant(try Tensor([12.0], shape: [1, 1])),
    ]
    let clipped = g.clipByGlobalNorm(values, maximum: maximum)
    let scale = Swift.min(1, maximum / (13 + 1e-6))
    let found = try run(g, clipped.values + [clipped.norm])
    #expect(found == [[3 * scale, 4 * scale], [12 * scale], [13]])
    #expect(clipped.values.map(\.type) == values.map(\.type))
  }

  @Test("element types may differ: the norm is taken in f64, the values keep theirs")
  func mixedTypes() throws {
    let g = GraphBuilder()
    let single = g.constant(try Tensor([Float(3e19)], shape: [1]))
    let clipped = g.clipByGlobalNorm([single, g.constant(4, dtype: .float64)], maximum: 1)
    #expect(clipped.norm.dtype == .float64 && clipped.values.map(\.dtype) == [.float32, .float64])
    #expect(try run(g, [g.clipByGlobalNorm([], maximum: 1).norm]) == [[0]])
  }

  @Test("an infinite norm makes zeros and NaN, a NaN makes all NaN, as in PyTorch")
  func notFinite() throws {
    let g = GraphBuilder()
    let infinite = g.clipByGlobalNorm([g.constant(try Tensor([Double.infinity, 1], shape: [2]))], maximum: 1)
    let invalid = g.clipByGlobalNorm([g.constant(try Tensor([Double.nan, 1], shape: [2]))], maximum: 1)
    let found = try run(g, infinite.values + invalid.values)
    #expect(found[0][0].isNaN && found[0][1] == 0)
    #expect(found[1].allSatisfy { $0.isNaN })
  }

  @Test("by value every element is moved into the bounds, and NaN stays")
  func byValue() throws {
    let g = GraphBuilder()
    let x = g.constant(try Tensor([-3, -0.5, 0, 0.5, 3, Double.infinity, .nan], shape: [7]))
    let found = try run(g, g.clipByValue([x], bound: 0.75))[0]
    #expect(found.dropLast() == [-0.75, -0.5, 0, 0.5, 0.75, 0.75])
    #expect(found[6].isNaN)
  }

  @Test("impossible bounds and types are errors")
  func refusals() {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    _ = g.clipByGlobalNorm([x], maximum: 0)
    _ = g.clipByValue([x], bound: -1)
    _ = g.clipByValue([x], bound: .nan)
    _ = g.clipByGlobalNorm([g.input("n", [2], dtype: .int64)], maximum: 1)
    let found = issues(of: g, fetching: [])
    #expect(found.map(\.code) == [.shape, .shape, .shape, .dtype])
    #expect(found[0].message.contains("the bound is 0.0; give a number above 0"))
  }
}
