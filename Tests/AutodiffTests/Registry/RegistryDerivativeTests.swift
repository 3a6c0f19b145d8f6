import Testing
import TributaryAutodiff
import TributaryOps

/// The derivatives of every registered operator at random shapes.
@Suite struct RegistryDerivativeTests {
  private static let draws = 4

  /// Every f64 result in one row, so that each element counts, and its square, so that no second derivative is trivial.
  private static func combined(_ g: GraphBuilder, _ outputs: [Value]) -> Value {
    let rows = outputs.filter { $0.dtype == .float64 }.map { reshape($0, [-1]) }
    guard !rows.isEmpty else { return g.constant(0, dtype: .float64) }
    let row = concat(rows)
    return row + square(row) * 0.5
  }

  @Test(
    "first derivatives agree with differences of values, and second ones with differences of first ones",
    arguments: OperatorFamily.all)
  func differences(_ family: OperatorFamily) throws {
    for seed in 1...Self.draws {
      var draw = Draw(seed: seed, size: 24)
      let use = try family.sound(&draw)
      guard use.order > 0, use.points.contains(where: { $0.dtype == .float64 }) else { continue }
      for order in 1...use.order {
        let report = try GradientCheck(tolerance: order == 1 ? 1e-7 : 1e-6, order: order).run(at: use.points)
        { g, x in Self.combined(g, use.build(g, x)) }
        #expect(report.passed, "draw \(seed), order \(order), \(use.points.map(\.type)): \(report)")
      }
    }
  }

  @Test("forward mode is the transpose of reverse mode", arguments: OperatorFamily.all)
  func transposed(_ family: OperatorFamily) throws {
    for seed in 1...2 * Self.draws {
      var draw = Draw(seed: 100 + seed, size: 60)
      let use = try family.sound(&draw)
      let g = GraphBuilder()
      let (x, feeds) = use.inputs(of: g)
      let xs = x.filter { $0.dtype == .float64 }
      let ys = use.build(g, x).filter { $0.dtype == .float64 }
      guard OperatorUse.isDifferentiable(g) else { continue }
      let us = try xs.map { try draw.tensor($0.shape) }
      let vs = try ys.map { try draw.tensor($0.shape) }
      let ju = g.jvp(of: ys, withRespectTo: xs, tangents: us.map { g.constant($0) })
      let jv = g.vjp(of: ys, cotangents: vs.map { g.constant($0) }, withRespectTo: xs)
      let graph = try g.graph(fetching: ju + jv).simplified()
      let named = Dictionary(uniqueKeysWithValues: feeds.map { ($0.key.name, $0.value) })
      let found = try GraphInterpreter(graph).run(feeding: named).fetches
      let forward = try Self.dot(vs, Array(found.prefix(ys.count)))
      let reverse = try Self.dot(us, Array(found.dropFirst(ys.count)))
      let v = try Self.dot(vs, vs).squareRoot()
      let scale = try v * Self.dot(Array(found.prefix(ys.count)), Array(found.prefix(ys.count))).squareRoot()
      // Where the Jacobian all but vanishes along u, rounding is measured by u.
      let floor = try v * Self.dot(us, us).squareRoot() * 1e-3
      #expect(
        abs(forward - reverse) <= 1e-12 * Swift.max(scale, floor),
        "draw \(seed), \(use.points.map(\.type)): \(forward) and \(reverse), |v|·|Ju| \(scale)")
    }
  }

  private static func dot(_ a: [Tensor], _ b: [Tensor]) throws -> Double {
    try zip(a, b).reduce(0) { sum, pair in
      try zip(pair.0.elements(Double.self), pair.1.elements(Double.self)).reduce(sum) { $0 + $1.0 * $1.1 }
    }
  }
}
