internal import HeapModule

/// The schedule in which the plan looks at memory: the executor's own policy on a fixed number of workers, with the cost
/// model's times. A worker goes on with the best of the tasks that it has just made ready, as a sum with its last
/// operand, and else with the ready task of highest upward rank. With one worker the order is the sequential one, since pure rank would put off
/// every weight gradient and keep all cotangents alive.
struct ReferenceSchedule: Sendable {
  /// When each task starts, in seconds.
  private(set) var start: [Double]
  /// When each task ends; later than its start.
  private(set) var end: [Double]
  /// The tasks by start, then by rank order.
  private(set) var order: [Int]

  /// The seconds of all tasks.
  private(set) var work: Double
  /// The seconds of the longest chain.
  private(set) var criticalPath: Double

  /// Schedules tasks. O(edges + tasks · log tasks).
  init(_ tasks: Clusters, width: Int) {
    let count = tasks.count
    start = Array(repeating: 0, count: count)
    end = Array(repeating: 0, count: count)
    order = []
    order.reserveCapacity(count)
    work = tasks.seconds.reduce(0, +)
    var successors = [[Int32]](repeating: [], count: count)
    var waiting = [Int32](repeating: 0, count: count)
    for task in 0..<count {
      for predecessor in tasks.predecessors(of: task) {
        successors[Int(predecessor)].append(Int32(task))
        waiting[task] += 1
      }
    }
    var rank = [Double](repeating: 0, count: count)
    for task in (0..<count).reversed() {
      var best = 0.0
      for successor in successors[task] { best = max(best, rank[Int(successor)]) }
      rank[task] = best + tasks.seconds[task]
    }
    criticalPath = rank.max() ?? 0
    if width <= 1 {
      var now = 0.0
      for task in 0..<count {
        start[task] = now
        now += tasks.seconds[task]
        end[task] = now
        order.append(task)
      }
      return
    }
    var ready = Heap(
      (0..<count).lazy.filter { waiting[$0] == 0 }.map { Entry(key: -rank[$0], task: Int32($0)) })
    var running = Heap<Entry>()
    var now = 0.0
    func begin(_ next: Entry) {
      let task = Int(next.task)
      start[task] = now
      end[task] = now + tasks.seconds[task]
      order.append(task)
      running.insert(Entry(key: end[task], task: next.task))
    }
    while order.count < count {
      while running.count < width, let next = ready.popMin() { begin(next) }
      guard let first = running.min else { break }
      now = first.key
      while let done = running.min, done.key <= now {
        running.removeMin()
        var kept: Entry?
        for successor in successors[Int(done.task)] {
          waiting[Int(successor)] -= 1
          guard waiting[Int(successor)] == 0 else { continue }
          let made = Entry(key: -rank[Int(successor)], task: successor)
          if let other = kept { ready.insert(max(made, other)) }
          kept = min(made, kept ?? made)
        }
        if let kept { begin(kept) }
      }
    }
  }

  /// A task with what it is ordered by.
  private struct Entry: Comparable {
    var key: Double
    var task: Int32
    static func < (a: Entry, b: Entry) -> Bool { (a.key, a.task) < (b.key, b.task) }
  }
}
