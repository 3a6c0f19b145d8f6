/// Judges a task graph by its edges and by the bytes that its tasks touch, knowing nothing of how it was planned.
public struct PlanChecker {
  /// A run of bytes in a space.
  public struct Bytes: Hashable {
    /// Which bytes are counted.
    public let space: String
    /// The first byte and the one after the last.
    public let range: Range<Int>

    /// Bytes of a space.
    public init(_ space: String, _ offset: Int, _ count: Int) {
      self.space = space
      range = offset..<offset + count
    }
  }

  /// A task.
  public struct Task {
    var after: [Int]
    var reads: [Bytes]
    var writes: [Bytes]

    /// A task from its parts.
    public init(after: [Int], reads: [Bytes], writes: [Bytes]) {
      self.after = after
      self.reads = reads
      self.writes = writes
    }
  }

  private let tasks: [Task]
  /// For each task the set of its ancestors, as bits.
  private let ancestors: [[UInt64]]

  /// A checker of tasks, or nil when they wait for each other in a circle.
  public init?(_ tasks: [Task]) {
    self.tasks = tasks
    let words = (tasks.count + 63) / 64
    var ancestors = [[UInt64]](repeating: [], count: tasks.count)
    var done = 0
    var progress = true
    while progress {
      progress = false
      for (task, it) in tasks.enumerated() where ancestors[task].isEmpty {
        guard it.after.allSatisfy({ !ancestors[$0].isEmpty }) else { continue }
        var set = [UInt64](repeating: 0, count: max(words, 1))
        for before in it.after {
          for word in set.indices { set[word] |= ancestors[before][word] }
          set[before / 64] |= 1 << UInt64(before % 64)
        }
        ancestors[task] = set
        done += 1
        progress = true
      }
    }
    guard done == tasks.count else { return nil }
    self.ancestors = ancestors
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool { ancestors[b][a / 64] >> UInt64(a % 64) & 1 == 1 }

  /// What is wrong: two tasks that touch a byte, one of them writing, and neither precedes the other; or arena bytes
  /// read that no preceding task wrote.
  public func complaints() -> [String] {
    var result: [String] = []
    var touched: [(bytes: Bytes, task: Int, isWrite: Bool)] = []
    for (task, it) in tasks.enumerated() {
      touched += it.reads.map { ($0, task, false) } + it.writes.map { ($0, task, true) }
    }
    touched.sort { ($0.bytes.space, $0.bytes.range.lowerBound) < ($1.bytes.space, $1.bytes.range.lowerBound) }
    for (index, a) in touched.enumerated() {
      for b in touched[(index + 1)...] {
        guard b.bytes.space == a.bytes.space, b.bytes.range.lowerBound < a.bytes.range.upperBound else {
          break
        }
        guard a.isWrite || b.isWrite, a.task != b.task, b.bytes.range.overlaps(a.bytes.range) else {
          continue
        }
        if !precedes(a.task, b.task), !precedes(b.task, a.task) {
          result.append("tasks \(a.task) and \(b.task) touch \(a.bytes) and \(b.bytes) in no order")
        }
      }
    }
    for (task, it) in tasks.enumerated() {
      for read in it.reads where read.space == "arena" {
        var left = [read.range]
        for writer in tasks.indices where precedes(writer, task) {
          for write in tasks[writer].writes where write.space == "arena" {
            left = left.flatMap { range in
              [
                range.lowerBound..<max(range.lowerBound, min(range.upperBound, write.range.lowerBound)),
                min(range.upperBound, max(range.lowerBound, write.range.upperBound))..<range.upperBound,
              ].filter { !$0.isEmpty }
            }
          }
        }
        if !left.isEmpty {
          result.append("task \(task) reads \(left) of the arena, which nobody wrote before")
        }
      }
    }
    return result
  }
}
