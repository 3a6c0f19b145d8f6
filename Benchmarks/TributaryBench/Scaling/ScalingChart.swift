/// A chart of speed-up over threads for a terminal: one bar a thread count, with the ideal marked.
struct ScalingChart: CustomStringConvertible {
  /// The speed-up at each thread count.
  let points: [(threads: Int, speedup: Double)]

  private static let width = 60.0

  /// One line a point, `█` up to the speed-up and `│` where a perfect one would end.
  var description: String {
    guard let most = points.map({ Swift.max(Double($0.threads), $0.speedup) }).max() else { return "" }
    let unit = ScalingChart.width / most
    return points.map { point in
      let filled = Int((point.speedup * unit).rounded())
      let ideal = Int((Double(point.threads) * unit).rounded())
      var bar = [Character](repeating: " ", count: Swift.max(filled, ideal + 1))
      for column in 0..<filled { bar[column] = "█" }
      if ideal >= filled { bar[ideal] = "│" }
      let label = String(point.threads)
      return String(repeating: " ", count: Swift.max(0, 4 - label.count)) + label + " " + String(bar)
    }.joined(separator: "\n")
  }
}
