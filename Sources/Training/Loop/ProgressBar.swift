#if canImport(Glibc)
  internal import Glibc
#endif

/// A line that tells how far something is: overwritten in place on a terminal, elsewhere written at every quarter.
///
/// Goes to standard error, so that standard output holds results alone. Drawn at most ten times a second.
public struct ProgressBar: Sendable {
  private let title: String
  private let isTerminal: Bool
  private var lastDrawn: ContinuousClock.Instant?
  private var nextQuarter = 1

  /// A bar with a title, nothing drawn yet.
  public init(_ title: String) { self.init(title, isTerminal: isatty(STDERR_FILENO) == 1) }

  init(_ title: String, isTerminal: Bool) {
    self.title = title
    self.isTerminal = isTerminal
  }

  /// Draws the bar if it is time.
  /// - Parameters:
  ///   - done: Steps done.
  ///   - total: Steps in all.
  ///   - detail: What to say beside it; asked for only when drawn.
  public mutating func update(_ done: Int, of total: Int, _ detail: () -> String) {
    if isTerminal {
      let now = ContinuousClock.now
      if let lastDrawn, done < total, now - lastDrawn < .milliseconds(100) { return }
      lastDrawn = now
      write("\r" + line(done, of: total, detail()) + "\u{1B}[K")
    } else if done * 4 >= nextQuarter * total {
      nextQuarter = done * 4 / Swift.max(total, 1) + 1
      write(line(done, of: total, detail()) + "\n")
    }
  }

  /// Removes the bar from a terminal.
  public func clear() {
    if isTerminal, lastDrawn != nil { write("\r\u{1B}[K") }
  }

  /// `epoch 1  ━━━━━━━━╺───────────  42 %  197/469  loss 0.4312`.
  func line(_ done: Int, of total: Int, _ detail: String) -> String {
    let width = 24
    let total = Swift.max(total, 1)
    let filled = Swift.min(done * width / total, width)
    let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled)
    return "\(title)  \(bar) \(done * 100 / total) %  \(done)/\(total)  \(detail)"
  }

  private func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      // A progress line that cannot be written is no reason to stop.
      _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    }
  }
}
