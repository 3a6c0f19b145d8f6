internal import TributaryMeasuring

/// What an operator's speed is held against.
enum OperatorGoal: Sendable {
  /// 70 % of the triad's bytes a second where operands lie in memory.
  case bandwidth
  /// PyTorch's speed, beyond small shapes.
  case peer
  /// 95 % of the machine's rate of matrix products, from 256³ on.
  case products
  /// 85 % of oneDNN's convolutions, which are PyTorch's.
  case convolutions
  /// Nothing beyond small shapes.
  case none

  /// The least share of PyTorch's speed at small shapes, whatever the operator.
  static let leastAtSmallShapes = 0.8

  /// How a call does.
  enum Verdict: Equatable, Sendable {
    case met
    /// Missed: what was reached, and what should be, of what.
    case missed(reached: Double, goal: Double, of: String)
    /// There is no goal for this size, or what it is held against was not measured.
    case none

    init(_ reached: Double, atLeast goal: Double, of standard: String) {
      self = reached >= goal ? .met : .missed(reached: reached, goal: goal, of: standard)
    }
  }

  /// The verdict on a call: its share of the triad's rate, of the products' rate, and of PyTorch's speed.
  func verdict(_ size: ShapeClass, ofTriad: Double, ofProducts: Double, ofPeer: Double?) -> Verdict {
    if size == .small {
      return ofPeer.map { Verdict($0, atLeast: OperatorGoal.leastAtSmallShapes, of: "PyTorch") } ?? .none
    }
    switch self {
    case .bandwidth: return size == .memory ? Verdict(ofTriad, atLeast: 0.7, of: "triad") : .none
    case .products: return Verdict(ofProducts, atLeast: 0.95, of: "sgemm")
    case .peer: return ofPeer.map { Verdict($0, atLeast: 1, of: "PyTorch") } ?? .none
    case .convolutions: return ofPeer.map { Verdict($0, atLeast: 0.85, of: "oneDNN") } ?? .none
    case .none: return .none
    }
  }
}
