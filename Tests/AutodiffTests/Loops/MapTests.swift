import Testing
import TributaryOps

@testable import TributaryAutodiff

/// Loops whose steps know nothing of each other.
@Suite struct MapTests {
  /// Products of slices with a captured matrix, and a captured vector by element.
  private static func mapped(_ g: GraphBuilder, _ x: [Value]) -> [Value] {
    g.map(over: [x[0]]) { slices in
      let h = tanh(matmul(slices[0], x[1]))
      return [h * x[2], sum(h)]
    }
  }

  private static func points(_ dtype: DType = .float64) throws -> [Tensor] {
    try [Shape([5, 3, 4]), [4, 2], [2]].enumerated().map {
      try Model.noise($1, dtype, stream: UInt64($0), deviation: 0.5)
    }
  }

  @Test func isTheBatchedProduct() throws {
    let points = try Self.points()
    let g = GraphBuilder()
    let x = points.enumerated().map { g.input("x\($0)", $1.shape, dtype: .float64) }
    let h = tanh(matmul(x[0], x[1]))
    let whole = [h * x[2], sum(h, axes: [1, 2])]
    let stacked = Self.mapped(g, x)
    let loss = sum(square(whole[0])) + sum(whole[1])
    let mappedLoss = sum(square(stacked[0])) + sum(stacked[1])
    let wanted = whole + g.gradients(of: loss, withRespectTo: x).all
    let found = stacked + g.gradients(of: mappedLoss, withRespectTo: x).all
    let outputs = try g.compile(fetching: wanted + found).run(
      on: Executors.all[1], feeding: Dictionary(uniqueKeysWithValues: zip(x, points)))
    for (a, b) in zip(wanted, found) {
      #expect(try outputs[a].isClose(to: outputs[b], absolute: 1e-12, relative: 1e-12))
    }
  }

  @Test(arguments: [1, 2]) func derivativesAgreeWithDifferences(order: Int) throws {
    let report = try GradientCheck(tolerance: order == 1 ? 1e-7 : 1e-6, order: order).run(at: Self.points()) {
      let mapped = Self.mapped($0, $1)
      return sum(square(mapped[0])) + sum(mapped[1])
    }
    #expect(report.passed, "\(report)")
  }

  /// Steps are cut into tasks, and no cut changes a bit.
  @Test func isCutWithoutChangingBits() throws {
    let points = try [Shape([64, 24, 24]), [24, 24], [24]].enumerated().map {
      try Model.noise($1, stream: UInt64($0), deviation: 0.3)
    }
    let named = Dictionary(uniqueKeysWithValues: zip(points.indices.map { "x\($0)" }, points))
    func made(_ granularity: Granularity) throws -> (executable: Executable, fetched: [Value]) {
      let g = GraphBuilder()
      let x = points.enumerated().map { g.input("x\($0)", $1.shape) }
      let mapped = Self.mapped(g, x)
      let fetched = mapped + g.gradients(of: sum(square(mapped[0])) + sum(mapped[1]), withRespectTo: x).all
      return (try g.compile(fetching: fetched, options: CompileOptions(granularity: granularity)), fetched)
    }
    let whole = try made(.whole)
    let reference = try whole.executable.run(on: Executors.one, feedingByName: named)
    let cut = try made(.default)
    #expect(cut.executable.plan.taskCount > whole.executable.plan.taskCount)
    for executor in Executors.all {
      let outputs = try cut.executable.run(on: executor, feedingByName: named)
      for (a, b) in zip(whole.fetched, cut.fetched) where a.shape.first == 64 {
        #expect(try reference[a].bytes == outputs[b].bytes)
      }
    }
  }

  @Test func mistakesAreReported() throws {
    let g = GraphBuilder()
    let x = g.input("x", [3, 2])
    _ = g.map(over: []) { $0 }
    _ = g.map(over: [x]) { _ in [] }
    _ = g.map(over: [x, g.input("y", [4])]) { $0 }
    let error = #expect(throws: GraphError.self) { _ = try g.compile(fetching: [x]) }
    let text = error?.description ?? ""
    #expect(text.contains("nothing to loop over") && text.contains("no output") && text.contains("[3, 4]"))
  }
}
