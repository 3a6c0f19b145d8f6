internal import Foundation
internal import Histogram

/// Durations in a histogram of three significant digits (HdrHistogram), from 1 ns on.
struct Latencies {
  private var histogram = Histogram<UInt32>(numberOfSignificantValueDigits: .three)

  /// How many durations there are.
  var count: Int { Int(histogram.totalCount) }

  init() { histogram.autoResize = true }

  /// Adds a duration in nanoseconds.
  mutating func record(_ nanoseconds: Int64) { histogram.record(UInt64(max(1, nanoseconds))) }

  /// The duration, in microseconds, that so many per cent do not exceed.
  func microseconds(at percent: Double) -> Double { Double(histogram.valueAtPercentile(percent)) * 1e-3 }

  /// Monotonic nanoseconds.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
