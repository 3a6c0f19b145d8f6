/// Times a call in batches long enough for the clock.
package struct CallTimer {
  /// The least duration of a batch.
  private static let batchSeconds = 1e-4

  private let call: () throws -> Void
  private let batch: Int

  /// Nanoseconds of a call, one number a batch.
  package private(set) var samples: [Double] = []

  /// Warms the call up and finds how many make a batch.
  package init(_ call: @escaping () throws -> Void) throws {
    self.call = call
    try call()
    let clock = ContinuousClock()
    var count = 1
    while try clock.measure({ for _ in 0..<count { try call() } }).inSeconds < CallTimer.batchSeconds {
      count *= 2
    }
    batch = count
  }

  /// Times batches for so many seconds, one at least.
  package mutating func measure(seconds: Double) throws {
    let batch = batch
    let call = call
    let times = try Timings(atLeast: 1, seconds: seconds) { for _ in 0..<batch { try call() } }
    samples += times.sorted.map { $0 * 1e9 / Double(batch) }
  }

  /// The median of all batches so far.
  package var median: Double { samples.sorted()[samples.count / 2] }

  /// The fastest batch so far.
  package var minimum: Double { samples.min() ?? .nan }
}
