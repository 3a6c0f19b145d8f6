/// The tasks of a group and what waits for what. A plain value; the group's lock guards it.
struct DynamicTasks {
  private struct Node {
    var generation: UInt32 = 0
    var isLive = false
    /// Unfinished predecessors.
    var waitsFor = 0
    var successors: [UInt32] = []
    var work: Work?
  }

  /// What a task does.
  struct Work {
    let name: String
    let body: DynamicTaskGroup.Body
  }

  private var nodes: [Node] = []
  private var free: [UInt32] = []
  /// Ready tasks for which no deque had room.
  private var spilled: [UInt32] = []

  /// Adds a task.
  ///
  /// - Returns: its number, how many had that number before, and whether it is ready.
  mutating func add(_ work: Work, after: [DynamicTask]) -> (index: UInt32, generation: UInt32, isReady: Bool)
  {
    let index: UInt32
    if let used = free.popLast() {
      index = used
    } else {
      index = UInt32(nodes.count)
      nodes.append(Node())
    }
    let task = Int(index)
    nodes[task].generation &+= 1
    nodes[task].isLive = true
    nodes[task].work = work
    for other in after {
      let before = Int(other.index)
      guard nodes[before].isLive, nodes[before].generation == other.generation else { continue }
      nodes[before].successors.append(index)
      nodes[task].waitsFor += 1
    }
    return (index, nodes[task].generation, nodes[task].waitsFor == 0)
  }

  /// Takes out what a ready task does.
  mutating func begin(_ task: UInt32) -> Work? {
    defer { nodes[Int(task)].work = nil }
    return nodes[Int(task)].work
  }

  /// Ends a task.
  ///
  /// - Returns: the tasks that became ready.
  mutating func end(_ task: UInt32) -> [UInt32] {
    let successors = nodes[Int(task)].successors
    if !successors.isEmpty { nodes[Int(task)].successors = [] }
    nodes[Int(task)].isLive = false
    free.append(task)
    var ready: [UInt32] = []
    for successor in successors {
      nodes[Int(successor)].waitsFor -= 1
      if nodes[Int(successor)].waitsFor == 0 { ready.append(successor) }
    }
    return ready
  }

  /// Keeps a ready task for which there is no room elsewhere.
  mutating func spill(_ task: UInt32) { spilled.append(task) }

  /// Takes one of those out. There must be one.
  mutating func takeSpilled() -> UInt32 { spilled.removeLast() }
}

/// A group while it runs. Only touched by its leader and by threads that have one of its tasks.
final class GroupState {
  private let lock = Lock()
  private let tasks = UnsafeMutablePointer<DynamicTasks>.allocate(capacity: 1)
  /// The task around the group, for traces and errors.
  let task: UInt32

  init(task: UInt32) {
    self.task = task
    tasks.initialize(to: DynamicTasks())
  }

  deinit {
    tasks.deinitialize(count: 1)
    tasks.deallocate()
  }

  func withTasks<Result>(_ body: (inout DynamicTasks) -> Result) -> Result {
    lock.locked { body(&tasks.pointee) }
  }
}
