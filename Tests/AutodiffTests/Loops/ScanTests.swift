import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

/// Loops over an axis: what they compute, and their derivatives.
@Suite struct ScanTests {
  private static let steps = 5

  /// A recurrent net over slices, as a loop or written out.
  private static func recurrent(_ g: GraphBuilder, _ x: [Value], asLoop: Bool, reverse: Bool = false) -> Value
  {
    let (xs, h0, wx, wh, b) = (x[0], x[1], x[2], x[3], x[4])
    func cell(_ h: Value, _ slice: Value) -> Value { tanh(matmul(slice, wx) + matmul(h, wh) + b) }
    if asLoop {
      let loop = g.scan(carrying: [h0], over: [xs], reverse: reverse) { carried, slices in
        let h = cell(carried[0], slices[0])
        return ([h], [h * 2])
      }
      return sum(loop.carried[0]) + sum(square(loop.outputs[0]))
    }
    var h = h0
    var total = g.constant(0, dtype: h0.dtype)
    for step in 0..<steps {
      let position = reverse ? steps - 1 - step : step
      h = cell(
        h, reshape(slice(xs, starts: [position, nil, nil], stops: [position + 1, nil, nil]), [3, 4]))
      total = total + sum(square(h * 2))
    }
    return sum(h) + total
  }

  private static func points(_ dtype: DType = .float64) throws -> [Tensor] {
    try [Shape([steps, 3, 4]), [3, 6], [4, 6], [6, 6], [6]].enumerated().map {
      try Model.noise($1, dtype, stream: UInt64($0), deviation: 0.5)
    }
  }

  @Test(arguments: [false, true]) func isTheLoopWrittenOut(reverse: Bool) throws {
    let points = try Self.points()
    var found: [[Tensor]] = []
    for asLoop in [true, false] {
      let g = GraphBuilder()
      let x = points.enumerated().map { g.input("x\($0)", $1.shape, dtype: .float64) }
      let y = Self.recurrent(g, x, asLoop: asLoop, reverse: reverse)
      let gradients = g.gradients(of: y, withRespectTo: x)
      let executable = try g.compile(fetching: [y] + gradients.all)
      let feeds = Dictionary(uniqueKeysWithValues: zip(x, points))
      let outputs = try executable.run(on: Executors.one, feeding: feeds)
      found.append(try ([y] + gradients.all).map { try outputs[$0] })
    }
    for (loop, written) in zip(found[0], found[1]) {
      #expect(try loop.isClose(to: written, absolute: 1e-12, relative: 1e-12))
    }
  }

  @Test(arguments: [1, 2]) func derivativesAgreeWithDifferences(order: Int) throws {
    for reverse in [false, true] {
      let report = try GradientCheck(tolerance: order == 1 ? 1e-7 : 1e-6, order: order).run(at: Self.points())
      {
        Self.recurrent($0, $1, asLoop: true, reverse: reverse)
      }
      #expect(report.passed, "\(report)")
    }
  }

  /// The same bits at every number of workers, in the interpreter and when trimmed.
  @Test func bitsAreTheSameEverywhere() throws {
    let points = try Self.points(.float32)
    let g = GraphBuilder()
    let x = points.enumerated().map { g.input("x\($0)", $1.shape) }
    let y = Self.recurrent(g, x, asLoop: true)
    let fetched = [y] + g.gradients(of: y, withRespectTo: x).all
    let graph = try g.graph(fetching: fetched)
    let named = Dictionary(uniqueKeysWithValues: zip(points.indices.map { "x\($0)" }, points))
    let reference = try GraphInterpreter(graph).run(feeding: named).fetches.map(\.bytes)
    let executable = try g.compile(fetching: fetched)
    for executor in Executors.all {
      for _ in 0..<10 {
        let outputs = try executable.run(on: executor, feedingByName: named)
        #expect(try fetched.map { try outputs[$0].bytes } == reference)
      }
    }
  }

  /// The loop of values that nobody differentiates keeps none of them.
  @Test func keepsOnlyWhatIsNeeded() throws {
    let length = 10_000
    func plan(_ make: (GraphBuilder, Value, Value) -> [Value]) throws -> Plan {
      let g = GraphBuilder()
      let h0 = g.input("h0", [16])
      let xs = g.input("xs", [length, 16])
      return try g.compile(fetching: make(g, h0, xs)).plan
    }
    func loop(_ g: GraphBuilder, _ h0: Value, _ xs: Value) -> Value {
      g.scan(carrying: [h0], over: [xs]) { carried, slices in ([tanh(carried[0] + slices[0])], []) }.carried[
        0]
    }
    let forward = try plan { [loop($0, $1, $2)] }
    #expect(forward.taskCount <= 2)
    #expect(forward.peakBytes < forward.feedBytes + 4096)
    let both = try plan { g, h0, xs in
      let y = sum(loop(g, h0, xs))
      return g.gradients(of: y, withRespectTo: [h0, xs]).all
    }
    #expect(both.taskCount <= 10)
    // The carried values of each step and the gradient by the inputs, each as large as the inputs.
    #expect(both.peakBytes < 3 * both.feedBytes + (1 << 16))
  }

  @Test func weightGradientsAreOneProduct() throws {
    let g = GraphBuilder()
    let h0 = g.input("h0", [3, 6])
    let xs = g.input("xs", [Self.steps, 3, 4])
    let wx = g.parameter("wx", [4, 6], initial: .normal(0.3))
    let wh = g.parameter("wh", [6, 6], initial: .normal(0.3))
    let y = Self.recurrent(g, [xs, h0, wx, wh, g.parameter("b", [6], initial: .constant(0))], asLoop: true)
    let graph = try g.graph(fetching: g.gradients(of: y, withRespectTo: [wx, wh]).all)
    let products = graph.nodes.filter { $0.appliedOperator is MatMul }
    #expect(products.map { graph.type(of: $0.inputs[0]).shape[0] } == [15, 15])
  }

  /// Values of any type are carried; integers take no part in derivatives.
  @Test func carriesSeveralValuesOfSeveralTypes() throws {
    let g = GraphBuilder()
    let x = g.input("x", [4], dtype: .float64)
    let count = g.constant(Tensor(Int32(0)))
    let loop = g.scan(carrying: [g.constant(1, dtype: .float64), count], over: [x]) { carried, slices in
      ([carried[0] * slices[0], carried[1] + g.constant(1, dtype: .int32)], [carried[0], carried[0]])
    }
    let gradient = g.gradients(of: loop.carried[0], withRespectTo: [x])[x]
    let outputs = try g.compile(fetching: loop.carried + loop.outputs + [gradient]).run(
      on: Executors.all[1], feeding: [x: try Tensor([2.0, 3, 5, 7], shape: [4])])
    #expect(try outputs[loop.carried[0]].doubles == [210])
    #expect(try outputs[loop.carried[1]].doubles == [4])
    #expect(try outputs[loop.outputs[0]].doubles == [1, 2, 6, 30])
    #expect(try outputs[loop.outputs[1]].doubles == [1, 2, 6, 30])
    #expect(try outputs[gradient].doubles == [105, 70, 42, 30])
  }

  @Test func noStepsAndNoInputs() throws {
    let g = GraphBuilder()
    let h = g.input("h", [2], dtype: .float64)
    let none = g.scan(carrying: [h], length: 0) { carried, _ in ([carried[0] * 3], [carried[0]]) }
    let three = g.scan(carrying: [h], length: 3) { carried, _ in ([carried[0] * 3], []) }
    let gradient = g.gradients(of: sum(none.carried[0]) + sum(three.carried[0]), withRespectTo: [h])[h]
    let outputs = try g.compile(fetching: [none.carried[0], none.outputs[0], three.carried[0], gradient]).run(
      on: Executors.one, feeding: [h: try Tensor([1.0, 2], shape: [2])])
    #expect(try outputs[none.carried[0]].doubles == [1, 2])
    #expect(try outputs[none.outputs[0]].shape == [0, 2])
    #expect(try outputs[three.carried[0]].doubles == [27, 54])
    #expect(try outputs[gradient].doubles == [28, 28])
  }

  /// A loop in a loop, both using a value from outside; derivatives through both.
  @Test func loopsNest() throws {
    let points = try [Shape([3, 4, 2]), [2]].enumerated().map {
      try Model.noise($1, .float64, stream: UInt64($0), deviation: 0.5)
    }
    for order in [1, 2] {
      let report = try GradientCheck(tolerance: 1e-6, order: order).run(at: points) { g, x in
        let outer = g.scan(carrying: [x[1]], over: [x[0]]) { carried, slices in
          let inner = g.scan(carrying: [carried[0]], over: [slices[0]]) { carried, slices in
            ([tanh(carried[0] * x[1] + slices[0])], [])
          }
          return ([inner.carried[0]], [inner.carried[0] * carried[0]])
        }
        return sum(outer.carried[0]) + sum(outer.outputs[0])
      }
      #expect(report.passed, "\(report)")
    }
  }

  @Test func faultsInsideAreReported() throws {
    let g = GraphBuilder()
    let table = g.input("table", [4, 2])
    let ids = g.input("ids", [3], dtype: .int32)
    let loop = g.scan(carrying: [g.zeros(TensorType(.float32, [2]))], over: [ids]) { carried, slices in
      ([carried[0] + embedding(table, slices[0])], [])
    }
    let executable = try g.compile(fetching: [loop.carried[0]])
    let rows = try Model.noise([4, 2], stream: 1)
    _ = try executable.run(
      on: Executors.one, feeding: [table: rows, ids: try Tensor([0 as Int32, 3, 1], shape: [3])])
    let error = #expect(throws: RunError.self) {
      _ = try executable.run(
        on: Executors.one, feeding: [table: rows, ids: try Tensor([0 as Int32, 4, 1], shape: [3])])
    }
    #expect(error?.code == .indexOutOfRange)
    #expect(error?.message.contains("scan") == true && error?.message.contains("4") == true)
  }

  @Test func mistakesAreReported() throws {
    func message(_ build: (GraphBuilder, Value) -> Void) -> String {
      let g = GraphBuilder()
      let x = g.input("x", [3, 2])
      build(g, x)
      do throws(GraphError) {
        _ = try g.compile(fetching: [x])
        return ""
      } catch { return error.description }
    }
    #expect(
      message { g, x in _ = g.scan(carrying: [x]) { c, _ in (c, []) } }.contains("give inputs or a length"))
    #expect(
      message { g, x in _ = g.scan(carrying: [], over: [x], length: 4) { c, _ in (c, []) } }.contains(
        "[3, 4]"))
    #expect(
      message { g, x in _ = g.scan(carrying: [], over: [sum(x)]) { c, _ in (c, []) } }.contains(
        "no axis to loop"))
    #expect(
      message { g, x in _ = g.scan(carrying: [x], length: 2) { _, _ in ([], []) } }.contains(
        "gives 0 carried values"))
    #expect(
      message { g, x in _ = g.scan(carrying: [x], length: 2) { c, _ in ([sum(c[0])], []) } }.contains(
        "f32[3, 2] before a step and f32[] after"))
    #expect(
      message { g, x in _ = g.scan(carrying: [x], length: 2) { c, _ in ([matmul(c[0], c[0])], []) } }
        .contains("matmul"))
    #expect(
      message { g, x in
        _ = g.scan(carrying: [x], length: 2) { c, _ in ([c[0] + c[0].builder.input("y", [3, 2])], []) }
      }.contains("declare it outside"))
    #expect(
      message { g, x in
        var leaked: Value?
        _ = g.scan(carrying: [x], length: 2) { c, _ in
          leaked = c[0]
          return (c, [])
        }
        _ = x + (leaked ?? x)
      }.contains("another GraphBuilder"))
    #expect(
      message { g, x in
        _ = g.scan(carrying: [x], length: 2) { c, _ in ([g.gradients(of: sum(x), withRespectTo: [x])[x]], [])
        }
      }.contains("differentiate values where they were made"))
  }
}
