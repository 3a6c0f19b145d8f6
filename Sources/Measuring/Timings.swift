/// Wall times of the repetitions of one piece of work, in seconds.
package struct Timings: Sendable {
  /// The times, ascending.
  package let sorted: [Double]

  /// Times `body` at least so often, and on until so many seconds have passed.
  package init(atLeast count: Int, seconds: Double = 0, _ body: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    let start = clock.now
    var times: [Double] = []
    while times.count < count || start.duration(to: clock.now) < .seconds(seconds) {
      times.append(try clock.measure(body) / .seconds(1))
    }
    sorted = times.sorted()
  }

  /// How often the work was timed.
  package var count: Int { sorted.count }
  /// The middle one of the times, the upper of two.
  package var median: Double { sorted[sorted.count / 2] }
  /// The least.
  package var minimum: Double { sorted[0] }
}

extension Duration {
  /// The duration in seconds.
  package var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
