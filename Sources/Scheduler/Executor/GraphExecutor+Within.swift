/// Runs that are started by code which knows no executor: it may be a body of one, or not.
extension GraphExecutor {
  /// Runs a graph as part of the body that the calling thread is in, as `TaskContext.run` does; outside any body, on the
  /// calling thread alone.
  ///
  /// - Throws: `RunFailure`, with code `nestingTooDeep` as `TaskContext.run`.
  @discardableResult
  package static func runWithin(
    _ graph: TaskGraph, argument: UnsafeMutableRawPointer?
  ) throws(RunFailure) -> RunReport {
    guard let slot = ExecutorCore.currentSlot, let parent = slot.pointee.current else {
      return try alone.runBlocking(graph, argument: argument, options: RunOptions())
    }
    let core = slot.pointee.core
    return try core.pointee.nest(graph, argument: argument, inside: parent, slot: slot, on: core)
  }

  /// How many workers may take part in what `runWithin` starts here.
  package static var workersWithin: Int { ExecutorCore.currentSlot?.pointee.core.pointee.slotCount ?? 1 }

  /// One worker and no thread, for graphs that are run outside any body.
  private static let alone: GraphExecutor = {
    guard let executor = try? GraphExecutor(Configuration(workers: 1, pinning: .none, sharing: .never)) else {
      preconditionFailure("an executor of one worker starts no thread and cannot fail")
    }
    return executor
  }()
}
