internal import Synchronization

typealias TracePointer = UnsafeMutablePointer<TraceLanes>

// SAFETY: everything but the lock is constant; lanes are only added, and freed by deinit, which no run outlives since runs keep
// their recorder alive.
/// Records when and where each task of a run ran, for Perfetto.
///
/// Every slot of an executor writes to a ring of its own; when one is full the oldest events are overwritten. Recording
/// costs some 60 ns a task; runs without a recorder pay one branch a task.
public final class TraceRecorder: @unchecked Sendable {
  /// What a run's number stands for.
  struct RunInfo: Sendable {
    let graph: TaskGraph
    let begin: Int64
    /// Its times and counts, once it has ended.
    var report: RunReport?
  }

  // SAFETY: lanes are set up before they are added, and are then used through atomics only.
  struct Contents: @unchecked Sendable {
    var lanes: [TracePointer] = []
    var runs: [UInt64: RunInfo] = [:]

    /// The lanes of an executor, made when it first shows up.
    mutating func lanes(of core: CorePointer, for recorder: TraceRecorder) -> TracePointer {
      if let known = lanes.first(where: { $0.pointee.core == core }) { return known }
      let new = TracePointer.allocate(capacity: 1)
      new.initialize(to: TraceLanes(core: core, recorder: recorder))
      lanes.append(new)
      return new
    }
  }

  /// How many events each slot keeps.
  public let capacityPerWorker: Int
  let contents = Mutex(Contents())

  /// A recorder that keeps the latest events of each slot.
  ///
  /// - Parameter capacityPerWorker: how many; less than 1 counts as 1. An event takes 32 bytes.
  public init(capacityPerWorker: Int = 65_536) {
    self.capacityPerWorker = max(1, min(capacityPerWorker, 1 << 26))
  }

  deinit {
    for lanes in contents.withLock({ $0.lanes }) {
      lanes.deinitialize(count: 1)
      lanes.deallocate()
    }
  }

  /// Notes that a run begins and gives the lanes to write to.
  func begin(_ graph: TaskGraph, run: RunPointer) -> TracePointer {
    let (id, now) = (run.pointee.id, run.pointee.started)
    let core = UInt(bitPattern: run.pointee.core)
    let lanes = contents.withLock { contents in
      contents.runs[id] = RunInfo(graph: graph, begin: now)
      let core = CorePointer(bitPattern: core).unsafelyUnwrapped
      return UInt(bitPattern: contents.lanes(of: core, for: self))
    }
    return TracePointer(bitPattern: lanes).unsafelyUnwrapped
  }
}

/// The rings of one executor's slots.
struct TraceLanes: ~Copyable {
  /// One event, in atomics so that reading during a run is no data race.
  // ORDERING: relaxed; a ring's count publishes what lies before it.
  struct Event: ~Copyable {
    let run = Atomic<UInt64>(0)
    let task = Atomic<UInt64>(0)
    let begin = Atomic<Int64>(0)
    let end = Atomic<Int64>(0)
  }

  struct Lane: ~Copyable {
    let count = Atomic<Int>(0)
    private let padding = CacheLinePadding()
  }

  /// The executor; only compared.
  let core: CorePointer
  // SAFETY: the recorder owns the lanes and outlives them.
  let recorder: Unmanaged<TraceRecorder>
  let slotCount: Int
  private let capacity: Int
  private let lanes: UnsafeMutablePointer<Lane>
  private let events: UnsafeMutablePointer<Event>

  init(core: CorePointer, recorder: TraceRecorder) {
    self.core = core
    self.recorder = .passUnretained(recorder)
    capacity = recorder.capacityPerWorker
    slotCount = core.pointee.slotCount
    lanes = .allocate(capacity: slotCount)
    for slot in 0..<slotCount { (lanes + slot).initialize(to: Lane()) }
    // SAFETY: left as the system gives it: an event is written before it is read, and needs no initialisation but its bytes.
    events = .allocate(capacity: slotCount * capacity)
  }

  deinit {
    lanes.deallocate()
    events.deallocate()
  }

  /// Notes that a run begins inside one that is recorded here.
  func begin(_ graph: TaskGraph, run: RunPointer) -> TracePointer {
    recorder._withUnsafeGuaranteedRef { $0.begin(graph, run: run) }
  }

  /// Set in an event's task for a chunk of a parallel loop inside it.
  static let chunk: UInt64 = 1 << 32

  /// Writes one event. Only the thread that holds the slot may.
  func record(slot: Int, run: UInt64, task: UInt64, begin: Int64, end: Int64) {
    let count = lanes[slot].count.load(ordering: .relaxed)
    let event = events + (slot * capacity + count % capacity)
    event.pointee.run.store(run, ordering: .relaxed)
    event.pointee.task.store(task, ordering: .relaxed)
    event.pointee.begin.store(begin, ordering: .relaxed)
    event.pointee.end.store(end, ordering: .relaxed)
    // ORDERING: releasing: whoever sees the count sees the event (pairs with forEach).
    lanes[slot].count.store(count + 1, ordering: .releasing)
  }

  /// Calls a function with the events kept, slot by slot, oldest first.
  func forEach(_ body: (_ slot: Int, _ run: UInt64, _ task: UInt64, _ begin: Int64, _ end: Int64) -> Void) {
    for slot in 0..<slotCount {
      // ORDERING: acquiring, pairs with record.
      let count = lanes[slot].count.load(ordering: .acquiring)
      for index in max(0, count - capacity)..<count {
        let event = events + (slot * capacity + index % capacity)
        let values = (
          event.pointee.run.load(ordering: .relaxed), event.pointee.task.load(ordering: .relaxed),
          event.pointee.begin.load(ordering: .relaxed), event.pointee.end.load(ordering: .relaxed)
        )
        // Overwritten in the meantime.
        if lanes[slot].count.load(ordering: .acquiring) > index + capacity { continue }
        body(slot, values.0, values.1, values.2, values.3)
      }
    }
  }
}
