public import TributaryScheduler

extension Executable {
  /// How long a run should take on some workers, by the costs that its tasks are ordered by: the plan's, or those of
  /// ``use(_:)``.
  ///
  /// - Parameter simulator: the workers, the machine, and what scheduling costs.
  /// - Complexity: near-linear in the tasks and edges.
  public func predictedRun(on simulator: MakespanSimulator) -> MakespanPrediction {
    simulator.predict(taskGraph)
  }

  /// How long a run should take on some workers if its tasks took other times than those that they are ordered by.
  ///
  /// - Parameters:
  ///   - simulator: the workers, the machine, and what scheduling costs.
  ///   - costs: how long each task takes, by its number in the plan.
  /// - Throws: `SchedulerError` with code `wrongCostCount` when the number of costs is not the number of tasks.
  /// - Complexity: near-linear in the tasks and edges.
  public func predictedRun(
    on simulator: MakespanSimulator, costs: [TaskCost]
  ) throws(SchedulerError) -> MakespanPrediction {
    try simulator.predict(taskGraph, costs: costs)
  }
}
