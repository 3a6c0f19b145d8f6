internal import TributaryTestSupport

/// The work of an accumulation: k producers, of which number i contributes `scale[i] * input`, n floats.
///
/// The numbers are of many sizes and both signs, so that a sum taken in another order has other last bits.
struct Contributions: Sendable {
  /// One factor for each contribution.
  let scales: [Float]
  /// What each contribution is a multiple of.
  let input: [Float]

  /// `count` contributions of `floats` numbers each, by seed.
  init(count: Int, floats: Int, seed: UInt64 = 1) {
    var random = SplitMix64(seed: seed)
    func number() -> Float {
      Float.random(in: -1...1, using: &random) * Float(1 << Int.random(in: 0..<8, using: &random))
    }
    scales = (0..<count).map { _ in number() }
    input = (0..<floats).map { _ in number() }
  }

  /// The number of contributions.
  var count: Int { scales.count }
  /// The number of floats in each.
  var floats: Int { input.count }

  /// The sum in double precision, contribution after contribution.
  func exactSum() -> [Double] {
    let scale = scales.reduce(0.0) { $0 + Double($1) }
    return input.map { Double($0) * scale }
  }

  /// Whether a sum is the exact one but for rounding: the error bound of a sum in any order.
  func isSum(_ sum: [Float]) -> Bool {
    let magnitude = scales.reduce(0.0) { $0 + abs(Double($1)) }
    return sum.count == floats
      && zip(zip(sum, input), exactSum()).allSatisfy { pair, exact in
        let bound = Double(count + 1) * Double(Float.ulpOfOne) * magnitude * abs(Double(pair.1))
        return abs(Double(pair.0) - exact) <= bound
      }
  }
}
