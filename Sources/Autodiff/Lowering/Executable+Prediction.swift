public import TributaryScheduler

extension Executable {
  /// How long a run should take on some workers, by the plan's costs.
  ///
  /// - Parameter simulator: the workers, the machine, and what scheduling costs.
  /// - Complexity: near-linear in the tasks and edges.
  public func predictedRun(on simulator: MakespanSimulator) -> MakespanPrediction {
    simulator.predict(taskGraph)
  }
}
