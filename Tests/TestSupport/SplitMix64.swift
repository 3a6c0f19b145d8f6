/// A small generator with a seed, so that a test that fails can be run again: every seed gives a good sequence, neighbours
/// included.
///
/// Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator whose numbers depend on the seed alone.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return SplitMix64.mixed(state)
  }

  /// The generator's output function, a good hash of 64 bits.
  public static func mixed(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// True once in `n` times on average.
  public mutating func oneIn(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &self) == 0 }

  /// A number from 1 to `most`, small ones more often: the logarithm is uniform.
  public mutating func logarithmic(_ most: Int) -> Int {
    let bits = Int.bitWidth - most.leadingZeroBitCount
    let bound = 1 << Int.random(in: 1...bits, using: &self)
    return min(most, Int.random(in: 1..<bound, using: &self))
  }
}
