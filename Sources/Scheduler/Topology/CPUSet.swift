/// A set of CPUs by the numbers the operating system gives them, as a bitmap.
///
/// Bit `i % 64` of `words[i / 64]` is CPU `i`, the layout of the kernel's affinity masks. Operations take
/// time linear in the highest CPU number divided by 64.
public struct CPUSet: Hashable, Sendable, CustomStringConvertible {
  /// The bitmap, least significant first; the last word is never zero, so that equal sets have equal words.
  public private(set) var words: [UInt64] = []

  /// The empty set.
  public init() {}

  /// The CPUs with these numbers; negative numbers are left out.
  public init(_ cpus: some Sequence<Int>) {
    for cpu in cpus { insert(cpu) }
  }

  /// The CPUs of a list as the kernel writes it, for instance `0-3,8,10-11`.
  ///
  /// - Throws: `SchedulerError` with code `invalidPinning` when the text is no such list, is empty, or names
  ///   a CPU of 65,536 or above.
  public init(parsing text: some StringProtocol) throws(SchedulerError) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1],
        0 <= first, first <= last, last < CPUSet.limit
      else {
        throw SchedulerError(
          .invalidPinning, "“\(text)” is no list of CPUs: write numbers and ranges, for instance 0-3,8")
      }
      for cpu in first...last { insert(cpu) }
    }
  }

  /// One more than the highest CPU number that a description may name.
  static let limit = 65_536

  /// Whether no CPU is in the set.
  public var isEmpty: Bool { words.isEmpty }

  /// How many CPUs are in the set.
  public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// The CPUs' numbers, ascending.
  public var indices: [Int] {
    var result: [Int] = []
    result.reserveCapacity(count)
    for (position, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        result.append(position * 64 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return result
  }

  /// The lowest CPU number, or nil for the empty set.
  public var first: Int? {
    guard let position = words.firstIndex(where: { $0 != 0 }) else { return nil }
    return position * 64 + words[position].trailingZeroBitCount
  }

  /// Whether the CPU with this number is in the set.
  public func contains(_ cpu: Int) -> Bool {
    cpu >= 0 && cpu / 64 < words.count && words[cpu / 64] >> UInt64(cpu % 64) & 1 == 1
  }

  /// Adds the CPU with this number; a negative number is ignored.
  public mutating func insert(_ cpu: Int) {
    guard cpu >= 0 else { return }
    while words.count <= cpu / 64 { words.append(0) }
    words[cpu / 64] |= 1 << UInt64(cpu % 64)
  }

  /// The CPUs of either set.
  public func union(_ other: CPUSet) -> CPUSet {
    var result = words.count < other.words.count ? other : self
    let shorter = words.count < other.words.count ? self : other
    for position in shorter.words.indices { result.words[position] |= shorter.words[position] }
    return result
  }

  /// The CPUs of both sets.
  public func intersection(_ other: CPUSet) -> CPUSet {
    var result = CPUSet()
    result.words = zip(words, other.words).map { $0 & $1 }
    while result.words.last == 0 { result.words.removeLast() }
    return result
  }

  /// Whether every CPU of this set is in the other.
  public func isSubset(of other: CPUSet) -> Bool { intersection(other) == self }

  /// The set as the kernel writes it: numbers and ranges, ascending, for instance `0-3,8`; empty when empty.
  public var description: String {
    var parts: [String] = []
    var open: (first: Int, last: Int)?
    func close(_ run: (first: Int, last: Int)?) {
      guard let run else { return }
      parts.append(run.first == run.last ? "\(run.first)" : "\(run.first)-\(run.last)")
    }
    for cpu in indices {
      if let run = open, run.last + 1 == cpu {
        open = (run.first, cpu)
      } else {
        close(open)
        open = (cpu, cpu)
      }
    }
    close(open)
    return parts.joined(separator: ",")
  }

  /// The set as part of a sentence: `CPU 3`, `CPUs 0-3,8`.
  var phrase: String { (count == 1 ? "CPU " : "CPUs ") + description }
}
