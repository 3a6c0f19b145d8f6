internal import Foundation
internal import TributaryTestSupport

/// How long bodies of one graph take: mostly nothing, now and then something, drawn by seed.
struct Delays: Sendable {
  /// What one body does to lose time.
  enum Delay: Sendable {
    case none
    /// Computes this many rounds, some nanoseconds each.
    case spin(Int)
    /// Lets another thread run.
    case yield
    /// Sleeps this many microseconds.
    case sleep(UInt32)

    /// Loses the time.
    func spend() {
      switch self {
      case .none: return
      case .spin(let rounds):
        var state = SplitMix64(seed: 0)
        var sum: UInt64 = 0
        for _ in 0..<rounds { sum ^= state.next() }
        // What no compiler can foresee, so that the rounds are not left out.
        if sum == 0 { sched_yield() }
      case .yield: sched_yield()
      case .sleep(let microseconds): usleep(microseconds)
      }
    }
  }

  /// A body in so many loses time; 0 for none at all.
  private let oneIn: Int

  /// None at all.
  static let none = Delays(oneIn: 0)

  private init(oneIn: Int) { self.oneIn = oneIn }

  init(using random: inout SplitMix64) {
    oneIn = [0, 0, 2, 10, 100].randomElement(using: &random) ?? 0
  }

  /// The delay of the next body.
  func next(using random: inout SplitMix64) -> Delay {
    guard oneIn > 0, random.oneIn(oneIn) else { return .none }
    if random.oneIn(50) { return .sleep(UInt32.random(in: 1...200, using: &random)) }
    if random.oneIn(10) { return .yield }
    return .spin(random.logarithmic(4000))
  }
}
