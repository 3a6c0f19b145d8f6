/// Where a thread that leads a run computes.
extension ExecutorCore {
  /// Moves the calling thread off the CPU of a pinned worker that it is about to wake.
  ///
  /// Pool threads stay on their CPUs, and a caller is wherever the system has put it: perhaps on one of these. The woken
  /// worker could not run then until the system evens out the load of its processors, milliseconds later. The CPU of
  /// slot 0, which has no thread of its own, is kept for callers; whoever holds another slot stays where it is. Reads the number of
  /// the CPU each time, and costs system calls only when the thread has to move.
  func makeWay(holding slot: UnsafeMutablePointer<Slot>) {
    guard let words = pinnedCPUs, slot.pointee.index == 0 else { return }
    Machine.moveThread(to: callerCPU, ifOn: words)
  }

  /// Notes which CPUs workers are pinned to. Before threads start.
  mutating func keepClear(of placement: Placement) {
    guard let own = placement.workers[0].cpu, let cpu = Int32(exactly: own) else { return }
    let others = CPUSet(placement.workers.dropFirst().compactMap(\.cpu).filter { $0 != own })
    if others.isEmpty { return }
    callerCPU = cpu
    let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: others.words.count)
    _ = words.initialize(from: others.words)
    pinnedCPUs = UnsafeBufferPointer(words)
  }
}
