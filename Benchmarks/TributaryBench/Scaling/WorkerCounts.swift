internal import ArgumentParser
internal import TributaryScheduler

/// Numbers of workers on a command line: a list, as `1,2,8`, or a range, as `1...128`, which stands for its ends and the
/// powers of two between.
struct WorkerCounts: ExpressibleByArgument, Sendable, Equatable {
  /// The numbers, ascending where they come from a range.
  let counts: [Int]

  /// Numbers of workers.
  init(_ counts: [Int]) { self.counts = counts }

  init?(argument: String) {
    guard let counts = WorkerCounts.parse(argument),
      counts.allSatisfy({ ThreadCount.range.contains($0) }), !counts.isEmpty
    else { return nil }
    self.counts = counts
  }

  private static func parse(_ text: String) -> [Int]? {
    guard let dots = text.firstRange(of: "...") else {
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      return parts.contains(nil) ? nil : parts.compactMap { $0 }
    }
    guard let first = Int(text[..<dots.lowerBound]), let last = Int(text[dots.upperBound...]),
      first > 0, first <= last
    else { return nil }
    let powers = (0..<Int.bitWidth - 1).lazy.map { 1 << $0 }.prefix { $0 < last }.filter { $0 > first }
    return [first] + powers + (last > first ? [last] : [])
  }

  /// The list that stands for these numbers.
  var argument: String { counts.map(String.init).joined(separator: ",") }
}
