import Testing
import TributaryOps

@testable import TributaryAutodiff

/// Random numbers in loops: every step draws its own, and the derivative draws them again.
@Suite struct StepNumberTests {
  /// What a loop's step makes of the step around it.
  private static func step(_ around: Int64, _ number: Int64) -> Int64 {
    around &* Int64(bitPattern: 0x9E37_79B9_7F4A_7C15) &+ number
  }

  private static let shape: Shape = [6]

  private static func draw(_ g: GraphBuilder, step: Int64? = nil) -> Value {
    g.randomUniform(shape, dtype: .float64, seed: 3, stream: 9, step: step.map { g.constant(Tensor($0)) })
  }

  /// The numbers drawn at given steps.
  private static func drawn(_ steps: [Int64]) throws -> [[Double]] {
    let g = GraphBuilder()
    let values = steps.map { draw(g, step: $0) }
    let outputs = try g.compile(fetching: values).run(on: Executors.one)
    return try values.map { try outputs[$0].doubles }
  }

  private static func rows(_ tensor: Tensor) throws -> [[Double]] {
    let values = try tensor.doubles
    let width = shape.dimensions[0]
    return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
  }

  @Test(arguments: [false, true]) func everyStepOfAScanDrawsItsOwn(reverse: Bool) throws {
    let g = GraphBuilder()
    let loop = g.scan(carrying: [], length: 4, reverse: reverse) { _, _ in ([], [Self.draw(g)]) }
    let executable = try g.compile(fetching: [loop.outputs[0]], updating: Update())
    let store = ParameterStore(executable, seed: 1)
    for run in 0..<2 {
      let found = try Self.rows(executable.run(on: Executors.one, store)[loop.outputs[0]])
      let wanted = try Self.drawn((0..<4).map { Self.step(Int64(run), $0) })
      #expect(found == wanted)
      #expect(Set(found).count == 4)
    }
  }

  @Test func stepsOfAMapTooHoweverItIsCut() throws {
    let g = GraphBuilder()
    let x = g.input("x", [16], dtype: .float64)
    let y = g.map(over: [x]) { slices in [Self.draw(g) * slices[0]] }[0]
    let ones = try Tensor([Double](repeating: 1, count: 16), shape: [16])
    let wanted = try Self.drawn((0..<16).map { Self.step(0, $0) })
    for granularity in [Granularity.whole, .default] {
      let executable = try g.compile(fetching: [y], options: CompileOptions(granularity: granularity))
      for executor in Executors.all {
        let store = ParameterStore(executable, seed: 1)
        #expect(try Self.rows(executable.run(on: executor, store, feeding: [x: ones])[y]) == wanted)
      }
    }
  }

  /// Of nested loops each step of both draws its own; a branch draws what its loop does.
  @Test func loopsAndBranchesNest() throws {
    let g = GraphBuilder()
    let outer = g.scan(carrying: [], length: 3) { _, _ in
      let inner = g.scan(carrying: [], length: 2) { _, _ in
        ([], g.cond(g.constant(Tensor(true)), then: { [Self.draw(g)] }, else: { [Self.draw(g) * 0] }))
      }
      return ([], [inner.outputs[0], Self.draw(g)])
    }
    let executable = try g.compile(fetching: outer.outputs)
    let outputs = try executable.run(on: Executors.one, ParameterStore(executable, seed: 1))
    let outerSteps = (0..<3).map { Self.step(0, $0) }
    let innerSteps = outerSteps.flatMap { around in (0..<2).map { Self.step(around, $0) } }
    #expect(try Self.rows(outputs[outer.outputs[0]]) == Self.drawn(innerSteps))
    #expect(try Self.rows(outputs[outer.outputs[1]]) == Self.drawn(outerSteps))
  }

  @Test func stepsOfAWhileLoopToo() throws {
    let g = GraphBuilder()
    let sums = g.whileLoop(carrying: [
      g.zeros(TensorType(.float64, Self.shape)), g.constant(Tensor(Int64(0))),
    ]) {
      $0[1] .< g.constant(Tensor(Int64(3)))
    } do: {
      [$0[0] + Self.draw(g), $0[1] + 1]
    }
    #expect(sums.count == 2)
    let executable = try g.compile(fetching: [sums[0]])
    let found = try executable.run(on: Executors.one, ParameterStore(executable, seed: 1))[sums[0]].doubles
    let drawn = try Self.drawn((0..<3).map { Self.step(0, $0) })
    var wanted = drawn[0]
    for more in drawn.dropFirst() { wanted = zip(wanted, more).map { $0.0 + $0.1 } }
    #expect(found == wanted)
  }

  /// With ones for x, what dropout gives is also its derivative, if the mask is the same.
  @Test func theDerivativeDrawsTheSameMasks() throws {
    let g = GraphBuilder()
    let x = g.input("x", [5, 40], dtype: .float64)
    let scanned = g.scan(carrying: [], over: [x]) { _, slices in ([], [dropout(slices[0], rate: 0.4)]) }
      .outputs[0]
    let mapped = g.map(over: [x]) { slices in [dropout(slices[0], rate: 0.4)] }[0]
    let ones = try Tensor([Double](repeating: 1, count: 200), shape: [5, 40])
    for y in [scanned, mapped] {
      let gradient = g.gradients(of: sum(y), withRespectTo: [x])[x]
      let executable = try g.compile(fetching: [y, gradient])
      let outputs = try executable.run(
        on: Executors.one, ParameterStore(executable, seed: 1), feeding: [x: ones])
      #expect(try outputs[y].bytes == outputs[gradient].bytes)
      let masks = try outputs[y].doubles
      let rows: [[Double]] = (0..<5).map { row in Array(masks[row * 40..<row * 40 + 40]) }
      #expect(Set(rows).count == 5)
    }
  }
}
