internal import Synchronization
internal import TributaryScheduler

/// Contributions added into one buffer as they arrive: what the library does not do, measured for comparison.
// SAFETY: the buffers are allocated by `init`, freed by `deinit` and never move. `sum` is written under `lock` or by
// atomic exchanges, and read when no run is going on; each slot's scratch is used by one thread at a time.
final class ArrivalOrderSum: RunnableSum, @unchecked Sendable {
  /// How threads keep out of each other's way.
  enum Method: Sendable {
    /// Each contribution is computed apart and added under one mutex.
    case mutex
    /// Each float is added by compare-and-exchange.
    case atomic
  }

  private let work: Contributions
  private let method: Method
  private let workers: Int
  private let executor: GraphExecutor
  private let lock = Mutex<Void>(())
  private let sum: UnsafeMutablePointer<Atomic<Float>>
  private let scratch: UnsafeMutablePointer<Float>
  private var graph: TaskGraph

  /// The task graph of a method: a task that clears the sum, then a task for each contribution.
  init(_ work: Contributions, method: Method, workers: Int, on executor: GraphExecutor) throws {
    self.work = work
    self.method = method
    self.workers = workers
    self.executor = executor
    sum = .allocate(capacity: work.floats)
    for index in 0..<work.floats { (sum + index).initialize(to: Atomic(0)) }
    scratch = .allocate(capacity: work.floats * workers)
    scratch.initialize(repeating: 0, count: work.floats * workers)
    graph = try TaskGraphBuilder().build()
    var builder = TaskGraphBuilder(name: "\(method)")
    let clear = builder.add("clear") { [unowned(unsafe) self] _ in self.clear() }
    for scale in work.scales {
      builder.add("add", after: clear) { [unowned(unsafe) self] context in
        switch method {
        case .mutex: self.addUnderLock(scale, slot: context.workerIndex)
        case .atomic: self.addAtomically(scale)
        }
      }
    }
    graph = try builder.build()
  }

  deinit {
    sum.deallocate()
    scratch.deallocate()
  }

  func run() throws { _ = try executor.run(graph) }

  // ORDERING: relaxed; the run is over, and its end ordered every addition before this.
  func result() -> [Float] { (0..<work.floats).map { sum[$0].load(ordering: .relaxed) } }

  var extraBytes: Int { method == .mutex ? work.floats * workers * MemoryLayout<Float>.size : 0 }

  private func clear() {
    // ORDERING: relaxed; the scheduler orders this task before those that add.
    for index in 0..<work.floats { sum[index].store(0, ordering: .relaxed) }
  }

  private func addUnderLock(_ scale: Float, slot: Int) {
    let mine = scratch + slot * work.floats
    work.input.withUnsafeBufferPointer { input in
      for index in input.indices { mine[index] = scale * input[index] }
    }
    let count = work.floats
    // SAFETY: an atomic float has the representation of a float, and all accesses now are plain and under the lock.
    let total = UnsafeMutableRawPointer(sum).assumingMemoryBound(to: Float.self)
    lock.withLock { _ in
      for index in 0..<count { total[index] += mine[index] }
    }
  }

  private func addAtomically(_ scale: Float) {
    work.input.withUnsafeBufferPointer { input in
      for index in input.indices {
        let term = scale * input[index]
        // ORDERING: relaxed; the sum is read only when the run is over.
        var old = sum[index].load(ordering: .relaxed)
        while true {
          let (exchanged, seen) = sum[index].weakCompareExchange(
            expected: old, desired: old + term, ordering: .relaxed)
          if exchanged { break }
          old = seen
        }
      }
    }
  }
}
