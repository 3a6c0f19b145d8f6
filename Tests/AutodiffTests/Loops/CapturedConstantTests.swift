import Testing
import TributaryOps

@testable import TributaryAutodiff

/// Constants of the builder around a body are inputs of the body like any other value.
@Suite struct CapturedConstantTests {
  enum Body: CaseIterable { case map, scan, branch, nested }

  /// A sum in which `weight` stands outside the body, inside it and, nested, in a branch inside it.
  private func loss(_ g: GraphBuilder, _ body: Body, _ x: Value, _ weight: Value) -> Value {
    let y: Value =
      switch body {
      case .map: g.map(over: [x]) { [tanh($0[0] * weight)] }[0]
      case .scan:
        g.scan(carrying: [sum(weight)], over: [x]) { carried, slices in
          ([sin(carried[0] * sum(weight) + sum(slices[0]))], [])
        }.carried[0]
      case .branch:
        g.cond(sum(x) .> 0) {
          [x * weight]
        } else: {
          [x - weight]
        }[0]
      case .nested:
        g.map(over: [x]) { slices in
          g.cond(sum(slices[0]) .> 0) {
            [square(slices[0] * weight)]
          } else: {
            [exp(weight)]
          }
        }[0]
      }
    return sum(y) + sum(weight)
  }

  /// First and second derivatives by a constant and by a fill are those by an input that is fed the same numbers.
  @Test(arguments: Body.allCases, [true, false]) func gradientsKnowOfTheBody(_ body: Body, isFill: Bool)
    throws
  {
    let point = try Tensor([0.5, -0.25, 1, 2, -0.75, -1.5] as [Double], shape: [3, 2])
    let numbers = try Tensor((isFill ? [0.75, 0.75] : [0.75, -0.5]) as [Double], shape: [2])
    func derivatives(by weight: (GraphBuilder) -> Value, feeding: Bool) throws -> [[Double]] {
      let g = GraphBuilder()
      let x = g.input("x", [3, 2], dtype: .float64)
      let weight = weight(g)
      let loss = loss(g, body, x, weight)
      let first = g.gradients(of: loss, withRespectTo: [weight, x])
      let second = g.gradients(of: sum(square(first[weight])) + sum(first[x]), withRespectTo: [weight])
      let fetches = [loss, first[weight], first[x], second[weight]]
      let executable = try g.compile(fetching: fetches)
      let outputs = try executable.run(
        on: Executors.all[0], feeding: feeding ? [x: point, weight: numbers] : [x: point])
      return try fetches.map { try outputs[$0].doubles }
    }
    let expected = try derivatives(by: { $0.input("weight", [2], dtype: .float64) }, feeding: true)
    let made = try derivatives(
      by: { isFill ? $0.emit(Fill(type: numbers.type, value: 0.75), []) : $0.constant(numbers) },
      feeding: false)
    #expect(made == expected)
    #expect(expected[1] != [1, 1] && expected[3] != [0, 0])
  }
}
