internal import Synchronization

/// What a worker reads to run one task and to release its successors: 32 bytes, two to a cache line.
///
/// Records live in raw memory and bodies are called in place: a closure taken out of an array costs a retain and a
/// release, some 10 ns, on each call.
struct TaskRecord: ~Copyable {
  let body: @Sendable (borrowing TaskContext) throws -> Void
  /// The task's range in the graph's successor list.
  let successorsBegin: UInt32
  let successorsEnd: UInt32
  /// How many tasks precede this one.
  let dependencies: Int32
  /// Bit 0: the expected cost alone is worth waking a worker for the tasks that would wait behind it.
  // ORDERING: always relaxed; a hint that `updateCosts` may change while runs read it.
  let flags: Atomic<UInt32>

  @inline(__always)
  func run(_ context: borrowing TaskContext) throws { try body(context) }

  static let heavy: UInt32 = 1
  /// Tasks expected to run at least this long are heavy: several times what waking a sleeping thread costs.
  static let heavyPicoseconds: UInt64 = 20_000_000
}

/// The raw tables of a task graph; trivial, so that runs copy it without reference counting.
///
/// Valid as long as the graph that owns the memory.
struct GraphTables {
  let taskCount: Int
  let edgeCount: Int
  let rootCount: Int
  let records: UnsafeMutablePointer<TaskRecord>
  /// Successors of all tasks, ascending within each task; `soleBit` marks one that waits for nobody else.
  let successors: UnsafeMutablePointer<UInt32>
  /// The tasks without predecessors, by falling upward rank, then by position.
  let roots: UnsafeMutablePointer<UInt32>
  /// A topological order.
  let order: UnsafeMutablePointer<UInt32>
  // ORDERING: costs and ranks are relaxed throughout; priorities only, any mixture of old and new ones is valid.
  let costs: UnsafeMutablePointer<Atomic<UInt64>>
  let ranks: UnsafeMutablePointer<Atomic<UInt64>>
  /// Whether never more than one task is ready.
  let isChain: Bool
  /// Branches of conditions and semaphores; nil for a plain graph, whose tasks only wait for each other.
  let extras: UnsafeMutablePointer<GraphExtras>?

  /// Set in the successor list for a task with one predecessor, which needs no counter.
  static let soleBit: UInt32 = 1 << 31

  @inline(__always)
  func rank(_ task: UInt32) -> UInt64 { ranks[Int(task)].load(ordering: .relaxed) }

  func deallocate() {
    records.deinitialize(count: taskCount)
    records.deallocate()
    successors.deallocate()
    roots.deallocate()
    order.deallocate()
    costs.deallocate()
    ranks.deallocate()
    extras?.deinitialize(count: 1)
    extras?.deallocate()
  }
}
