import Testing
import TributaryOps

@testable import TributaryAutodiff

/// Builders end with the last value that names them, whatever they have built.
@Suite struct BuilderLifetimeTests {
  @Test(arguments: ["assignments", "random numbers", "loops", "branches", "recomputation"])
  func buildersEnd(_ what: String) throws {
    weak var builder: GraphBuilder?
    weak var body: GraphBuilder?
    func build() throws {
      let g = GraphBuilder()
      builder = g
      let x = g.input("x", [3, 2])
      let w = g.parameter("w", [2], initial: .constant(1))
      let y: Value
      switch what {
      case "assignments":
        g.assign(w, w * 2)
        y = sum(x * w)
      case "random numbers": y = sum(dropout(x, rate: 0.5))
      case "loops":
        y =
          g.scan(carrying: [w], over: [x]) { carried, slices in
            body = carried[0].builder
            return ([carried[0] + dropout(slices[0] * w, rate: 0.5)], [])
          }.carried[0]
      case "branches": y = g.cond(sum(x) .> 0, then: { [x * w] }, else: { [x] })[0]
      default: y = g.recompute { exp(x * w) }
      }
      let gradient = g.gradients(of: sum(y), withRespectTo: [w])[w]
      _ = try g.compile(fetching: [y, gradient], updating: Update())
    }
    try build()
    #expect(builder == nil)
    #expect(body == nil)
  }
}
