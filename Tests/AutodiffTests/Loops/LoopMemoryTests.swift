import Testing
import TributaryOps

@testable import TributaryAutodiff

/// What the bodies of loops and branches need counts in the plan's peak.
@Suite struct LoopMemoryTests {
  /// A body with two matrices of 128 × 128 that are alive at once.
  private static func body(_ v: Value) -> Value {
    let matrix = outer(v, v)
    return sum(matmul(tanh(matrix), exp(matrix)), axes: [1])
  }

  private static let matrixBytes = 128 * 128 * 4

  private static func plan(
    _ options: CompileOptions = CompileOptions(), _ make: (GraphBuilder, Value) -> Value
  ) throws(GraphError) -> Plan {
    let g = GraphBuilder()
    let y = make(g, g.input("x", [128]))
    return try g.compile(fetching: [y], options: options).plan
  }

  private static func scan(_ g: GraphBuilder, _ x: Value) -> Value {
    g.scan(carrying: [x], length: 3) { carried, _ in ([body(carried[0])], []) }.carried[0]
  }

  @Test func bodiesCount() throws {
    let plain = try Self.plan { Self.body($1) }
    #expect(plain.nestedBytes == 0)
    #expect(!plain.summary.contains("bodies"))
    let loop = try Self.plan(CompileOptions(), Self.scan)
    #expect(loop.nestedBytes >= 2 * Self.matrixBytes)
    #expect(loop.nestedBytes < 5 * Self.matrixBytes)
    #expect(loop.peakBytes >= loop.nestedBytes + loop.feedBytes)
    #expect(loop.summary.contains("bodies of loops and branches \(Plan.bytes(loop.nestedBytes))"))
    // A loop in a branch in a loop: each body has memory of its own.
    let nested = try Self.plan { g, x in
      g.scan(carrying: [x], length: 2) { carried, _ in
        (g.cond(g.constant(Tensor(true)), then: { [Self.scan(g, carried[0])] }, else: { [carried[0]] }), [])
      }.carried[0]
    }
    #expect(nested.nestedBytes >= loop.nestedBytes)
    let both = try Self.plan { g, x in Self.scan(g, Self.scan(g, x)) }
    #expect(both.nestedBytes == 2 * loop.nestedBytes)
  }

  @Test func theBudgetKnowsBodies() throws {
    let peak = try Self.plan(CompileOptions(), Self.scan).peakBytes
    _ = try Self.plan(CompileOptions(memoryBudget: peak), Self.scan)
    let error = #expect(throws: GraphError.self) {
      _ = try Self.plan(CompileOptions(memoryBudget: peak - 1), Self.scan)
    }
    #expect(error?.description.contains("\(peak) bytes") == true)
  }
}
