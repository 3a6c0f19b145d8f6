/// How far results lie from the exact ones, and where.
struct AccuracyTally: Sendable, Equatable {
  /// How many were compared.
  private(set) var count = 0

  /// The largest distance of a normal result, in units of its last place; infinite where one of the two is a NaN or an
  /// infinity and the other is not.
  private(set) var worst = 0.0

  /// The argument of that result.
  private(set) var place: Float = 0

  /// The largest distance of a subnormal result, in units of the least float.
  private(set) var worstSubnormal = 0.0

  /// How often a neighbour's result lies on the wrong side.
  private(set) var reversals = 0

  /// Compares results with exact ones. `direction` is 1 for functions that never decrease, -1 for those that never
  /// increase on either side of 0, 0 for others; the first element may serve as a neighbour alone.
  mutating func compare(
    _ x: [Float], _ got: [Float], _ want: [Double], direction: Int, skippingFirst: Bool = false
  ) {
    for index in (skippingFirst ? 1 : 0)..<x.count {
      count += 1
      note(got[index], want[index], at: x[index])
      guard direction != 0, index > 0 else { continue }
      let isCrossing = direction < 0 && (x[index].sign != x[index - 1].sign)
      let (before, now) = direction > 0 ? (got[index - 1], got[index]) : (got[index], got[index - 1])
      if !isCrossing, now < before { reversals += 1 }
    }
  }

  private mutating func note(_ got: Float, _ want: Double, at x: Float) {
    let rounded = Float(want)
    if got.isNaN && rounded.isNaN || got == rounded && rounded.isInfinite { return }
    guard got.isFinite, rounded.isFinite else {
      if worst < .infinity { (worst, place) = (.infinity, x) }
      return
    }
    let distance = abs(Double(got) - want)
    if rounded.magnitude < .leastNormalMagnitude {
      worstSubnormal = max(worstSubnormal, distance / Double(Float.leastNonzeroMagnitude))
    } else if distance / Double(rounded.ulp) > worst {
      (worst, place) = (distance / Double(rounded.ulp), x)
    }
  }

  /// Adds what another tally has found.
  mutating func merge(_ other: AccuracyTally) {
    count += other.count
    if other.worst > worst { (worst, place) = (other.worst, other.place) }
    worstSubnormal = max(worstSubnormal, other.worstSubnormal)
    reversals += other.reversals
  }

  /// Whether all results are within a bound and in order.
  func isWithin(_ bound: Double) -> Bool { worst <= bound && worstSubnormal <= bound && reversals == 0 }
}

extension AccuracySubject {
  /// The floats at which functions tend to fail.
  static let specials: [Float] = [
    0, -0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude.nextDown,
    -.leastNormalMagnitude.nextDown, .leastNormalMagnitude, -.leastNormalMagnitude, 1, -1,
    .greatestFiniteMagnitude,
    -.greatestFiniteMagnitude, .infinity, -.infinity, .nan, -.nan,
  ]
}
