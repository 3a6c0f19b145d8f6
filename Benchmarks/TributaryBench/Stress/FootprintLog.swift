internal import Foundation

/// Samples of the process's footprint over a long run, and how it grows once the first minutes are past.
struct FootprintLog {
  /// Seconds since the start, and what was held.
  private(set) var samples: [(seconds: Double, footprint: Footprint)] = []
  /// Seconds after which growth counts: until then caches fill and stacks are touched for the first time.
  let settle: Double
  /// Seconds between two samples.
  let interval: Double

  init(settle: Double, interval: Double = 5) {
    self.settle = settle
    self.interval = interval
  }

  /// Takes a sample when one is due.
  /// - Returns: The sample as a row.
  mutating func note(after seconds: Double) throws -> Row? {
    if let last = samples.last, seconds - last.seconds < interval { return nil }
    // Threads of the last case have told their results and may still be about to end.
    usleep(50_000)
    let footprint = try Footprint.now()
    add(footprint, after: seconds)
    return Row([
      "system": "tributary", "after_s": .number(seconds, decimals: 1),
      "resident_bytes": .integer(footprint.resident), "heap_bytes": .integer(footprint.heap),
      "threads": .integer(footprint.threads),
    ])
  }

  /// Adds a sample.
  mutating func add(_ footprint: Footprint, after seconds: Double) { samples.append((seconds, footprint)) }

  /// The samples that count.
  private var settled: ArraySlice<(seconds: Double, footprint: Footprint)> {
    samples.drop { $0.seconds < settle }
  }

  /// The growth of a quantity in its unit an hour: the slope of the least-squares line through the samples that count;
  /// nil when there are fewer than three.
  func growthPerHour(of quantity: (Footprint) -> Int) -> Double? {
    let points = settled.map { (x: $0.seconds / 3600, y: Double(quantity($0.footprint))) }
    guard points.count >= 3 else { return nil }
    let meanX = points.reduce(0) { $0 + $1.x } / Double(points.count)
    let meanY = points.reduce(0) { $0 + $1.y } / Double(points.count)
    let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    return points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
  }

  /// What is said at the end; nil when the run was too short for it.
  var summary: String? {
    guard let first = settled.first?.footprint, let last = settled.last?.footprint,
      let resident = growthPerHour(of: \.resident), let heap = growthPerHour(of: \.heap)
    else { return nil }
    let threads = settled.map(\.footprint.threads)
    let fewest = threads.min() ?? 0
    let most = threads.max() ?? 0
    func megabytes(_ bytes: Int) -> String { String(format: "%.2f", Double(bytes) / 1e6) }
    return """
      after \(Int(settle)) s: resident \(megabytes(first.resident)) to \(megabytes(last.resident)) MB \
      (\(String(format: "%+.2f", resident / 1e6)) MB an hour), heap in use \(megabytes(first.heap)) to \
      \(megabytes(last.heap)) MB (\(String(format: "%+.2f", heap / 1e6)) MB an hour), \
      \(fewest == most ? "\(most)" : "\(fewest) to \(most)") threads
      """
  }
}
