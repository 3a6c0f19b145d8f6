/// Wall times of the repetitions of one piece of work, in seconds.
struct Timings: Sendable {
  /// The times, ascending.
  let sorted: [Double]

  /// Times `body` at least so often, and on until so many seconds have passed.
  init(atLeast count: Int, seconds: Double = 0, _ body: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    let start = clock.now
    var times: [Double] = []
    while times.count < count || start.duration(to: clock.now) < .seconds(seconds) {
      times.append(try clock.measure(body) / .seconds(1))
    }
    sorted = times.sorted()
  }

  /// How often the work was timed.
  var count: Int { sorted.count }
  /// The middle one of the times, the upper of two.
  var median: Double { sorted[sorted.count / 2] }
  /// The least.
  var minimum: Double { sorted[0] }
}
