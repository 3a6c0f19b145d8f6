internal import Synchronization

/// Parallel loops: threads take chunks off a shared cursor until none is left.
struct LoopWorker: ~Copyable {
  let core: CorePointer
  let run: RunPointer
  let slot: UnsafeMutablePointer<Slot>
  let loop: LoopRange
  private let context: TaskContext
  private let outerRun: RunPointer?

  init(core: CorePointer, run: RunPointer, loop: LoopRange, slot: UnsafeMutablePointer<Slot>) {
    self.core = core
    self.run = run
    self.slot = slot
    self.loop = loop
    context = TaskContext(
      workerIndex: slot.pointee.index, task: TaskID(Int(loop.task)), argument: run.pointee.argument, run: run)
    outerRun = slot.pointee.current
    slot.pointee.current = run
  }

  deinit { slot.pointee.current = outerRun }

  /// Runs chunks until none is left, at most so many.
  ///
  /// - Returns: how many chunks it ran.
  func runChunks(atMost limit: Int = .max) -> Int {
    let count = run.pointee.memory.cursorEnd
    var done = 0
    while done < limit {
      // ORDERING: relaxed: decides only who runs which chunk.
      if run.pointee.cursor.load(ordering: .relaxed) >= count { break }
      let chunk = run.pointee.cursor.wrappingAdd(1, ordering: .relaxed).oldValue
      if chunk >= count { break }
      execute(chunk)
      done += 1
    }
    return done
  }

  private func execute(_ chunk: Int) {
    run.pointee.poll()
    if run.pointee.control.skips { return }
    let begin = loop.begin + chunk * loop.grain
    let end = loop.end - begin > loop.grain ? begin + loop.grain : loop.end
    let trace = run.pointee.trace
    let start = trace == nil ? 0 : monotonicNanoseconds()
    do {
      try loop.body.pointee.run(begin..<end, context)
    } catch {
      run.fail(error, task: loop.task)
    }
    if let trace {
      trace.pointee.record(
        slot: slot.pointee.index, run: run.pointee.parent?.pointee.id ?? run.pointee.id,
        task: UInt64(loop.task) | TraceLanes.chunk, begin: start, end: monotonicNanoseconds())
    }
  }

  /// Reports chunks done; whoever reports the last ends the loop.
  func report(_ done: Int, busy: Int64) {
    if done == 0 { return }
    slot.pointee.finished.store(
      slot.pointee.finished.load(ordering: .relaxed) &+ Int64(done), ordering: .relaxed)
    run.pointee.busy.wrappingAdd(busy, ordering: .relaxed)
    // ORDERING: as in Worker.report.
    let left = run.pointee.remaining.wrappingSubtract(done, ordering: .sequentiallyConsistent).newValue
    if left == 0 { core.pointee.finish(run) }
  }
}
