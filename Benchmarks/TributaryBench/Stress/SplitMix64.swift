/// Steele, Lea and Flood's SplitMix64 (OOPSLA 2014): every seed gives a good sequence, neighbours included.
struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return SplitMix64.mixed(state)
  }

  /// The generator's output function, a good hash of 64 bits.
  static func mixed(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// True once in `n` times on average.
  mutating func oneIn(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &self) == 0 }

  /// A number from 1 to `most`, small ones more often: the logarithm is uniform.
  mutating func logarithmic(_ most: Int) -> Int {
    let bits = Int.bitWidth - most.leadingZeroBitCount
    let bound = 1 << Int.random(in: 1...bits, using: &self)
    return min(most, Int.random(in: 1..<bound, using: &self))
  }
}
