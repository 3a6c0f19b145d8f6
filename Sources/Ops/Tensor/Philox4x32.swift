internal import CKernels

/// Counter-based random numbers: Philox-4×32 with ten rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers:
/// as easy as 1, 2, 3", SC 2011).
///
/// A block of four words is a function of a key and a counter alone. So a number belongs to a place (seed, stream,
/// element), and neither the order in which numbers are drawn nor who draws them changes any. The same bits on every
/// machine.
public struct Philox4x32: Hashable, Sendable {
  /// The key, two words.
  public let key: SIMD2<UInt32>

  /// A generator with a key.
  public init(key: SIMD2<UInt32>) { self.key = key }

  /// A generator with a seed of 64 bits as its key, the low word first.
  public init(seed: UInt64) {
    key = [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)]
  }

  /// The four words of a counter. Constant time.
  public func block(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var words = SIMD4<UInt32>.zero
    withUnsafeBytes(of: counter) { counter in
      withUnsafeMutableBytes(of: &words) { words in
        withKey {
          ck_philox(
            $0, counter.assumingMemoryBound(to: UInt32.self).baseAddress!,
            words.assumingMemoryBound(to: UInt32.self).baseAddress!)
        }
      }
    }
    return words
  }

  /// Elements of a stream from an index on, spread evenly over 0 ..< 1 in steps of 2⁻⁵³. Two elements take one block.
  public func uniform(stream: UInt64, from first: Int = 0, count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      withKey { ck_random_uniform($0, stream, UInt64(first), count, buffer.baseAddress!) }
      initialized = count
    }
  }

  /// Elements of a stream from an index on, normal with mean 0 and deviation 1, by Box and Muller (1958) in double. Two
  /// elements take one block.
  public func normal(stream: UInt64, from first: Int = 0, count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      withKey { ck_random_normal($0, stream, UInt64(first), count, buffer.baseAddress!) }
      initialized = count
    }
  }

  private func withKey<Result>(_ body: (UnsafePointer<UInt32>) -> Result) -> Result {
    withUnsafeBytes(of: key) { body($0.assumingMemoryBound(to: UInt32.self).baseAddress!) }
  }
}
