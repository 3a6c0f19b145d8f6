import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

/// Branches and loops whose course is decided when the graph runs.
@Suite struct BranchTests {
  @Test func oneBranchIsTaken() throws {
    let calls = [Counter(), Counter()]
    let g = GraphBuilder()
    let x = g.input("x", [3])
    let isUp = g.input("up", [], dtype: .bool)
    func counted(_ value: Value, _ index: Int) -> Value {
      value.builder.apply(
        Callback {
          calls[index].next()
          return true
        }, to: value)
    }
    let y = g.cond(isUp) {
      [counted(x + 1, 0), x]
    } else: {
      [counted(x - 1, 1), x * 2]
    }
    let executable = try g.compile(fetching: y)
    let point = try Tensor([1 as Float, 2, 3], shape: [3])
    for executor in Executors.all {
      for up in [true, false, false] {
        let outputs = try executable.run(on: executor, feeding: [x: point, isUp: Tensor(up)])
        #expect(try outputs[y[0]].doubles == (up ? [2, 3, 4] : [0, 1, 2]))
        #expect(try outputs[y[1]].doubles == (up ? [1, 2, 3] : [2, 4, 6]))
      }
    }
    #expect(calls[0].next() == 4 && calls[1].next() == 8)
  }

  @Test(arguments: [true, false], [1, 2]) func derivativesAgreeWithDifferences(isUp: Bool, order: Int) throws
  {
    let points = try [Shape([3]), [3], [3]].enumerated().map {
      try Model.noise($1, .float64, stream: UInt64($0), deviation: 0.5)
    }
    let report = try GradientCheck(tolerance: 1e-6, order: order).run(at: points) { g, x in
      let y = g.cond(g.constant(Tensor(isUp))) {
        [tanh(x[0] * x[1]), x[1] * 2]
      } else: {
        [sin(x[0] + x[2]), square(x[2])]
      }
      return sum(y[0] * y[1])
    }
    #expect(report.passed, "\(report)")
  }

  /// The steps of a loop take different branches.
  @Test func branchesInALoop() throws {
    let g = GraphBuilder()
    let x = g.input("x", [6], dtype: .float64)
    let loop = g.scan(carrying: [g.constant(0, dtype: .float64)], over: [x]) { carried, slices in
      let next = g.cond(slices[0] .> 0) {
        [carried[0] + square(slices[0])]
      } else: {
        [carried[0] - slices[0]]
      }
      return (next, [])
    }
    let gradient = g.gradients(of: loop.carried[0], withRespectTo: [x])[x]
    let outputs = try g.compile(fetching: [loop.carried[0], gradient]).run(
      on: Executors.all[2], feeding: [x: try Tensor([1.0, -2, 3, -4, 5, -6], shape: [6])])
    #expect(try outputs[loop.carried[0]].doubles == [47])
    #expect(try outputs[gradient].doubles == [2, -1, 6, -1, 10, -1])
  }

  /// Newton's square root, until it changes nothing; the number of steps depends on the number.
  @Test(arguments: [0.0, 1.0, 2.0, 10.0, 1e6]) func loopsUntilTheConditionFails(number: Double) throws {
    let g = GraphBuilder()
    let a = g.input("a", [], dtype: .float64)
    let results = g.whileLoop(carrying: [a, g.constant(Tensor(Int32(0)))]) { carried in
      abs(square(carried[0]) - a) .> (a * 1e-14)
    } do: { carried in
      [(carried[0] + a / carried[0]) * 0.5, carried[1] + g.constant(1, dtype: .int32)]
    }
    let executable = try g.compile(fetching: results)
    for executor in Executors.all {
      let outputs = try executable.run(on: executor, feeding: [a: Tensor(number)])
      let (root, steps) = try (outputs[results[0]].doubles[0], outputs[results[1]].doubles[0])
      #expect((root - number.squareRoot()).magnitude <= 1e-12 * max(1, number))
      #expect(number <= 1 ? steps == 0 : steps > 2)
    }
  }

  @Test func anEndlessLoopCanBeCancelled() throws {
    let g = GraphBuilder()
    let x = g.input("x", [])
    let results = g.whileLoop(carrying: [x]) { carried in
      carried[0] .== carried[0]
    } do: {
      $0
    }
    let executable = try g.compile(fetching: results)
    let error = #expect(throws: RunError.self) {
      _ = try executable.run(
        on: Executors.all[1], feeding: [x: Tensor(1 as Float)],
        options: RunOptions(deadline: .milliseconds(50)))
    }
    #expect(error?.code == .deadlineExceeded)
  }

  @Test func mistakesAreReported() throws {
    func message(_ build: (GraphBuilder, Value) -> Value) -> String {
      let g = GraphBuilder()
      let x = g.input("x", [2])
      let y = build(g, x)
      do throws(GraphError) {
        _ = try g.compile(fetching: [y])
        return ""
      } catch { return error.description }
    }
    let isTrue = { (g: GraphBuilder) in g.constant(Tensor(true)) }
    #expect(
      message { g, x in g.cond(x, then: { [x] }, else: { [x] })[0] }.contains("f32[2] and must be bool[]"))
    #expect(
      message { g, x in g.cond(isTrue(g), then: { [x] }, else: { [sum(x)] })[0] }.contains("must be equal"))
    #expect(message { g, x in g.cond(isTrue(g), then: { [x] }, else: { [] })[0] }.contains("must be equal"))
    #expect(
      message { g, x in g.whileLoop(carrying: [x], while: { $0[0] }, do: { $0 })[0] }.contains(
        "must be bool[]"))
    #expect(
      message { g, x in
        g.whileLoop(carrying: [x], while: { _ in isTrue(g) }, do: { [sum($0[0])] })[0]
      }.contains("f32[2] before a step and f32[] after"))
    #expect(
      message { g, x in
        let y = g.whileLoop(carrying: [x], while: { sum($0[0]) .> 3 }, do: { $0 })[0]
        return g.gradients(of: sum(y), withRespectTo: [x])[x]
      }.contains("use scan"))
  }
}
