/// What came of a pass over samples.
public struct PassStatistics: Sendable, Hashable {
  /// Batches run, in this pass and before it was resumed.
  public internal(set) var steps = 0

  /// Samples seen.
  public internal(set) var samples = 0

  /// The samples' losses added up.
  var lossSum = 0.0

  /// Right answers; meaningless where the objective has no notion of right.
  var right = 0

  /// Whether answers can be right.
  var isJudged = false

  /// How many answers each sample asks for: a class for an image, one for each time of a text.
  var answersPerSample = 1

  /// Samples, seconds and work of this pass alone, not of the part before a resumption.
  package internal(set) var timedSamples = 0
  /// Wall time in seconds.
  public internal(set) var seconds = 0.0
  var busySeconds = 0.0
  var workerSeconds = 0.0

  /// The mean loss of a sample.
  public var loss: Double { samples > 0 ? lossSum / Double(samples) : 0 }

  /// The share of right answers, nil where there is no notion of right.
  public var accuracy: Double? {
    isJudged && samples > 0 ? Double(right) / (Double(samples) * Double(answersPerSample)) : nil
  }

  /// Samples a second of wall time.
  public var samplesPerSecond: Double { seconds > 0 ? Double(timedSamples) / seconds : 0 }

  /// The share of the workers' time spent on tasks, 0 to 1.
  public var utilization: Double { workerSeconds > 0 ? Swift.min(1, busySeconds / workerSeconds) : 0 }

  /// Nothing seen yet.
  public init() {}
}

extension PassStatistics: CustomStringConvertible {
  /// `loss 0.3124  accuracy 0.8871  58214 samples/s  96 % busy`.
  public var description: String {
    var text = "loss \(decimal(loss, 4))"
    if let accuracy { text += "  accuracy \(decimal(accuracy, 4))" }
    return text + "  \(decimal(samplesPerSecond, 0)) samples/s  \(decimal(utilization * 100, 0)) % busy"
  }
}

/// A number with a fixed count of decimal places, as English writes it.
package func decimal(_ value: Double, _ places: Int) -> String {
  guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
  guard abs(value) < 1e15 else { return value.description }
  let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 9e18 else { return value.description }
  let digits = String(Int(scaled))
  let padded = String(repeating: "0", count: Swift.max(0, places + 1 - digits.count)) + digits
  let sign = value < 0 && scaled > 0 ? "-" : ""
  return places == 0 ? sign + padded : sign + padded.dropLast(places) + "." + padded.suffix(places)
}
