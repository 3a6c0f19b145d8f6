internal import CSchedulerShims
internal import Glibc
internal import Synchronization

extension ExecutorCore {
  /// The shared state of an executor with a placement and a configuration; one reference is the caller's.
  static func make(_ placement: Placement, _ configuration: GraphExecutor.Configuration) -> CorePointer {
    let count = placement.workerCount
    let slots = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Slot>.stride, alignment: CacheLinePadding.alignment
    ).bindMemory(to: Slot.self, capacity: count)
    let core = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<ExecutorCore>.stride, alignment: CacheLinePadding.alignment
    ).bindMemory(to: ExecutorCore.self, capacity: 1)
    for index in 0..<count { (slots + index).initialize(to: Slot(core: core, index: index)) }
    let isCrowded = count > placement.topology.allowed.count
    core.initialize(
      to: ExecutorCore(
        slots: slots, count: count, stealOrder: (0..<count).map { placement.stealOrder(of: $0) },
        sharing: configuration.sharing,
        floatEnvironment: tributary_standard_float_environment(configuration.flushesSubnormals ? 1 : 0),
        spin: configuration.spin?.clampedNanoseconds ?? (isCrowded ? 2_000 : 50_000)))
    core.pointee.observer = configuration.observer
    core.pointee.nestingLimit = configuration.nestingLimit
    core.pointee.keepClear(of: placement)
    ExecutorRegistry.shared.add(core)
    return core
  }

  /// Gives a reference back; the last one frees the memory.
  static func letGo(_ core: CorePointer) {
    // ORDERING: acquire and release: whoever frees sees everything others did.
    if core.pointee.references.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
      ExecutorRegistry.shared.remove(core)
      core.deinitialize(count: 1)
      core.deallocate()
    }
  }

  /// Refuses further calls and asks runs under way to skip.
  func closeDoors() {
    // ORDERING: sequentially consistent, the store before the looks (pairs with beginCall; and with lease, then prepare).
    isShutDown.store(true, ordering: .sequentiallyConsistent)
    forEachState {
      if $0.pointee.isLeased.load(ordering: .sequentiallyConsistent) {
        _ = $0.pointee.control.skip(.shutDown)
      }
    }
  }

  /// Waits until no call is under way.
  func waitUntilDrained() {
    while true {
      drained.announce()
      if calls.load(ordering: .sequentiallyConsistent) == 0 {
        _ = drained.cancel()
        return
      }
      _ = drained.sleep()
    }
  }

  /// Tells pool threads to end when no call is under way.
  func stopThreads() {
    // ORDERING: sequentially consistent, before the look at the calls and before waking (pairs with endCall and with a pool
    // thread's last look).
    isStopping.store(true, ordering: .sequentiallyConsistent)
    // Otherwise the last call wakes them. Not earlier: threads woken here are not counted as searching, which does no harm
    // only where nothing is left to be searched for.
    if calls.load(ordering: .sequentiallyConsistent) == 0 { idle.notifyAll() }
  }

  /// Whether pool threads are to end now.
  var isEnding: Bool {
    isStopping.load(ordering: .sequentiallyConsistent) && calls.load(ordering: .sequentiallyConsistent) == 0
  }
}

extension GraphExecutor {
  /// What a starting thread is told.
  private final class Start {
    let core: CorePointer
    let index: Int
    let cpus: [UInt64]

    init(core: CorePointer, index: Int, cpus: [UInt64]) {
      self.core = core
      self.index = index
      self.cpus = cpus
    }
  }

  /// Starts pool threads for these slots and waits until they are up.
  func start(_ indices: Range<Int>) throws(SchedulerError) {
    core.pointee.hasThreads.store(true, ordering: .relaxed)
    let expected = core.pointee.threadsUp.load(ordering: .relaxed) + indices.count
    for index in indices {
      let start = Start(core: core, index: index, cpus: placement.workers[index].cpus?.words ?? [])
      core.pointee.references.wrappingAdd(1, ordering: .relaxed)
      var handle = pthread_t()
      // SAFETY: the new thread takes the reference over; if there is no new thread, this one does.
      let retained = Unmanaged.passRetained(start)
      let code = Machine.startThread(
        &handle, stackSize: core.pointee.stackSize, { GraphExecutor.threadMain($0) }, retained.toOpaque())
      guard code == 0 else {
        retained.release()
        ExecutorCore.letGo(core)
        throw SchedulerError(
          .threadCreationFailed,
          "thread \(index) of \(indices.count) cannot be started (error \(code)): ask for fewer workers or raise the "
            + "limit of threads")
      }
      let created = handle
      threads.withLock { $0.append(created) }
    }
    while true {
      core.pointee.started.announce()
      // ORDERING: sequentially consistent, after announcing (pairs with threadMain).
      if core.pointee.threadsUp.load(ordering: .sequentiallyConsistent) >= expected { break }
      _ = core.pointee.started.sleep()
    }
    _ = core.pointee.started.cancel()
  }

  private static func threadMain(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    let core: CorePointer
    let index: Int
    do {
      // SAFETY: takes over the reference that `start` retained.
      let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
      core = start.core
      index = start.index
      Machine.nameThread("tributary-\(index)")
      if !start.cpus.isEmpty { Machine.bindThread(start.cpus) }
    }
    core.pointee.setFloatEnvironment()
    // ORDERING: sequentially consistent, before notifying (pairs with start).
    core.pointee.threadsUp.wrappingAdd(1, ordering: .sequentiallyConsistent)
    core.pointee.started.notifyAll()
    core.pointee.serve(preferring: index, on: core)
    ExecutorCore.letGo(core)
    return nil
  }
}
