internal import Synchronization

// SAFETY: all stored properties are constants. The tables are written before init returns and only read afterwards,
// but for costs, ranks, flags and `learned`, which are atomics. The memory is freed by deinit, and every run keeps the graph
// alive until nobody reads the tables.
/// An immutable graph of tasks, built by `TaskGraphBuilder` and run by `GraphExecutor`, as often as wanted and several times
/// at once.
///
/// Only costs, hence priorities, may change after it was built; nothing that a run computes depends on them.
public final class TaskGraph: @unchecked Sendable {
  /// The name given to the builder.
  public let name: String
  let tables: GraphTables
  /// Tells this graph from every other of the process, also after it is gone.
  let identity: UInt64
  private let names: [String]
  private let naming: (@Sendable (Int) -> String)?
  private let updating = Mutex(())
  // ORDERING: relaxed; sums that stand alone.
  private let workPicoseconds: Atomic<UInt64>
  private let criticalPicoseconds: Atomic<UInt64>
  /// Nanoseconds that the bodies of a run take together, or 0 before the first run.
  // ORDERING: relaxed; a hint that stands alone.
  let learned = Atomic<Int64>(0)

  init(name: String, names: [String], naming: (@Sendable (Int) -> String)?, tables: GraphTables) {
    self.name = name
    self.names = names
    self.naming = naming
    self.tables = tables
    identity = TaskGraph.identities.wrappingAdd(1, ordering: .relaxed).newValue
    workPicoseconds = Atomic(tables.work())
    criticalPicoseconds = Atomic(tables.criticalPath())
  }

  // ORDERING: relaxed; only the numbers' being different matters.
  private static let identities = Atomic<UInt64>(0)

  deinit { tables.deallocate() }

  /// How many tasks there are.
  public var taskCount: Int { tables.taskCount }
  /// How many edges there are, equal ones counted once.
  public var edgeCount: Int { tables.edgeCount }

  /// The bytes of the graph's tables and names, and of a closure of 48 bytes for each body; what closures refer to is not counted.
  package var byteCount: Int {
    let tables =
      MemoryLayout<TaskRecord>.stride + 2 * MemoryLayout<UInt64>.stride + MemoryLayout<UInt32>.stride
    let named = names.reduce(0) { $0 + ($1.utf8.count > 15 ? 48 + $1.utf8.count : 0) }
    return taskCount * (tables + MemoryLayout<String>.stride + 48) + edgeCount * MemoryLayout<UInt32>.stride
      + named
  }

  /// The sum of all costs, T₁.
  public var work: TaskCost { TaskCost(picoseconds: workPicoseconds.load(ordering: .relaxed)) }
  /// The cost of the most expensive path, T∞.
  public var criticalPath: TaskCost { TaskCost(picoseconds: criticalPicoseconds.load(ordering: .relaxed)) }

  /// A task's name, or `task` and its number when it was given none. A number that is no task's has such a name too.
  public func name(of task: TaskID) -> String {
    contains(task) ? TaskGraphBuilder.label(task.index, names[task.index], naming) : "task \(task.index)"
  }

  /// Whether the graph has this task. One that it does not have costs nothing and has no successors and no dependencies.
  public func contains(_ task: TaskID) -> Bool { task.index >= 0 && task.index < taskCount }

  /// A task's expected cost.
  public func cost(of task: TaskID) -> TaskCost {
    contains(task)
      ? TaskCost(picoseconds: tables.costs[task.index].load(ordering: .relaxed)) : TaskCost(seconds: 0)
  }

  /// A task's upward rank: its cost and that of the most expensive path behind it. Of several ready tasks the one with the
  /// highest rank goes first.
  public func rank(of task: TaskID) -> TaskCost {
    contains(task) ? TaskCost(picoseconds: tables.rank(UInt32(task.index))) : TaskCost(seconds: 0)
  }

  /// The tasks that wait for this one, by position.
  public func successors(of task: TaskID) -> [TaskID] {
    guard contains(task) else { return [] }
    let begin = Int(tables.records[task.index].successorsBegin)
    let end = Int(tables.records[task.index].successorsEnd)
    return (begin..<end).map { TaskID(Int(tables.successors[$0] & ~GraphTables.soleBit)) }
  }

  /// How many tasks this one waits for.
  public func dependencyCount(of task: TaskID) -> Int {
    contains(task) ? Int(tables.records[task.index].dependencies) : 0
  }

  /// Replaces all costs, for instance by measured times, and recomputes the priorities. Runs under way go on and may
  /// use old and new priorities; results do not depend on either.
  ///
  /// - Parameter costs: one for each task, by position.
  /// - Throws: `SchedulerError` with code `wrongCostCount` when their number is not the number of tasks.
  /// - Complexity: O(tasks + edges). Blocks while another thread updates the same graph.
  public func updateCosts(_ costs: [TaskCost]) throws(SchedulerError) {
    guard costs.count == taskCount else {
      throw SchedulerError(
        .wrongCostCount,
        "graph “\(name)” has \(taskCount) tasks but was given \(costs.count) costs: give one for each")
    }
    updating.withLock { _ in
      for (task, cost) in costs.enumerated() {
        let value = cost.picoseconds
        tables.costs[task].store(value, ordering: .relaxed)
        let isHeavy = value >= TaskRecord.heavyPicoseconds
        tables.records[task].flags.store(isHeavy ? TaskRecord.heavy : 0, ordering: .relaxed)
      }
      tables.computeRanks()
      workPicoseconds.store(tables.work(), ordering: .relaxed)
      criticalPicoseconds.store(tables.criticalPath(), ordering: .relaxed)
    }
  }

  /// Learns from a run how long its bodies took together, in nanoseconds. What is known at most doubles in a run, since a run
  /// may merely have been interrupted.
  func learn(_ measured: Int64) {
    let known = learned.load(ordering: .relaxed)
    learned.store(known > 0 ? min(measured, 2 &* known) : max(1, measured), ordering: .relaxed)
  }

  /// Whether tasks are so long, and so many, that a run is worth sharing from its first moment: as measured in earlier
  /// runs, before the first as estimated.
  var isCoarse: Bool {
    if taskCount < 2 || tables.isChain { return false }
    let measured = learned.load(ordering: .relaxed)
    if measured > 0 { return measured / Int64(taskCount) >= 1_000 && measured >= 20_000 }
    let work = workPicoseconds.load(ordering: .relaxed)
    let slack = work - min(work, criticalPicoseconds.load(ordering: .relaxed))
    return work / UInt64(taskCount) >= 5_000_000 && slack >= TaskRecord.heavyPicoseconds
  }
}
