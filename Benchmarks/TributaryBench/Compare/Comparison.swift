internal import Foundation

/// Medians of all systems on all workloads, over the rounds, and the ratios that follow.
struct Comparison: Sendable {
  /// A row of the table.
  struct Key: Hashable, Sendable {
    var workload: String
    var threads: Int
  }

  /// The system's name in rows of our own.
  static let own = "tributary"

  /// The workloads whose time is arithmetic: the geometric mean is over these.
  static let arithmetic = [
    "seed-dag-512", "mlp", "mlp-wide", "siamese", "cnn", "inception", "rnn", "lstm", "transformer",
  ]

  /// The systems that take part, ours excepted, in the order of columns.
  let rivals: [Rival]
  private var keys: [Key] = []
  private var medians: [Key: [String: [Double]]] = [:]

  init(rivals: [Rival]) { self.rivals = rivals }

  /// Adds what one process measured.
  mutating func add(_ milliseconds: Double, _ system: String, _ key: Key) {
    if medians[key] == nil { keys.append(key) }
    medians[key, default: [:]][system, default: []].append(milliseconds)
  }

  /// The median over the rounds; nil when the system gave no figure.
  func median(_ system: String, _ key: Key) -> Double? {
    guard let sorted = medians[key]?[system]?.sorted(), !sorted.isEmpty else { return nil }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// The fastest of the rivals.
  func best(_ key: Key) -> (rival: Rival, milliseconds: Double)? {
    rivals.compactMap { rival in median(rival.system, key).map { (rival, $0) } }.min { $0.1 < $1.1 }
  }

  /// The best rival's time divided by ours; above 1 we are faster. Nil when either is unknown.
  func ratio(_ key: Key) -> Double? {
    guard let ours = median(Comparison.own, key), let best = best(key) else { return nil }
    return best.milliseconds / ours
  }

  /// The geometric mean of the ratios over the arithmetic workloads that have one, and how many those are.
  func geometricMean(threads: Int) -> (mean: Double, count: Int)? {
    let ratios = keys.filter { $0.threads == threads && Comparison.arithmetic.contains($0.workload) }
      .compactMap(ratio)
    guard !ratios.isEmpty else { return nil }
    return (exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count)), ratios.count)
  }

  /// The table in Markdown, and a line on the geometric mean for each number of threads.
  var markdown: String {
    let titles = ["workload", "threads", "Tributary"] + rivals.map(\.title) + ["best rival", "best / ours"]
    var lines = [Comparison.line(titles), Comparison.line(titles.map { _ in "---" })]
    for key in keys {
      let cells = [Comparison.own] + rivals.map(\.system)
      lines.append(
        Comparison.line(
          [key.workload, "\(key.threads)"] + cells.map { Comparison.time(median($0, key)) }
            + [best(key)?.rival.title ?? "–", ratio(key).map { String(format: "%.2f", $0) } ?? "–"]))
    }
    var means: [String] = []
    for threads in Set(keys.map(\.threads)).sorted() {
      guard let (mean, count) = geometricMean(threads: threads) else { continue }
      let which =
        count == Comparison.arithmetic.count
        ? "the nine arithmetic workloads" : "\(count) of the nine arithmetic workloads"
      means.append(
        "geometric mean of best / ours over \(which), \(threads) thread\(threads == 1 ? "" : "s"): "
          + String(format: "%.2f", mean))
    }
    return (lines + [""] + means).joined(separator: "\n")
  }

  private static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  /// Milliseconds with three digits that mean something.
  private static func time(_ milliseconds: Double?) -> String {
    guard let milliseconds else { return "–" }
    let places =
      milliseconds >= 100 ? 0 : milliseconds >= 10 ? 1 : milliseconds >= 1 ? 2 : milliseconds >= 0.1 ? 3 : 4
    return String(format: "%.\(places)f", milliseconds)
  }
}
