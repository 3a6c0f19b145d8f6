internal import TributaryOps

/// Which floats a sweep visits: runs of neighbours in increasing order, so that reversals can be seen.
struct AccuracySweep: Sendable {
  /// How many neighbours a run has.
  let run: Int

  /// Every how many runs one is visited.
  let stride: Int

  /// Every bit pattern.
  static let full = AccuracySweep(run: 1 << 16, stride: 1)

  /// Four million patterns of all magnitudes.
  static let sample = AccuracySweep(run: 1 << 10, stride: 1021)

  /// The number of runs.
  var count: Int { ((1 << 32) / run + stride - 1) / stride }

  /// The floats of a run, and the one before them.
  func floats(_ index: Int) -> [Float] {
    let first = index * stride * run
    return (max(first - 1, 0)..<first + run).map(AccuracySweep.float)
  }

  /// The float of a rank among all bit patterns in increasing order: negative NaNs first, positive NaNs last.
  static func float(rank: Int) -> Float {
    let half = 1 << 31
    return Float(bitPattern: UInt32(rank < half ? 2 * half - 1 - rank : rank - half))
  }

  /// Compares a function at every level over the runs `part`, `part + parts`, … of the sweep.
  /// - Throws: What the operator throws.
  func tallies(
    of subject: AccuracySubject, at levels: [VectorLevel], part: Int = 0, of parts: Int = 1
  ) throws -> [AccuracyTally] {
    var tallies = levels.map { _ in AccuracyTally() }
    for index in Swift.stride(from: part, to: count, by: parts) {
      let x = floats(index)
      let tensor = try Tensor(x, shape: [x.count])
      let want = x.map { subject.exact(Double($0)) }
      var first: (bits: [UInt32], tally: AccuracyTally)?
      for (place, level) in levels.enumerated() {
        let y = try level.scope { try subject.op.evaluate(on: [tensor])[0].elements(Float.self) }
        let bits = y.map(\.bitPattern)
        // Levels are meant to agree; what is equal need not be compared twice.
        if let first, first.bits == bits {
          tallies[place].merge(first.tally)
          continue
        }
        var tally = AccuracyTally()
        tally.compare(x, y, want, direction: subject.direction, skippingFirst: index > 0)
        tallies[place].merge(tally)
        if first == nil { first = (bits, tally) }
      }
    }
    return tallies
  }
}
