internal import TributaryMeasuring
internal import TributaryScheduler

/// The comparisons of `crowd`: each returns a function that measures the plain case and then the crowded one.
enum Neighbours {
  typealias Comparison = () throws -> (plain: Double, crowd: Double)

  /// Steps a second of one process and of two at once, with as many threads as an executor takes by itself.
  static func processes(seconds: Double) -> Comparison {
    {
      let threads = try Placement.forThisProcess().workerCount
      let rates: (Int) throws -> [Double] = { count in
        try SideBySide.run(count) { _ in
          let measured = try StepMeasurement(inProcessOfItsOwn: "mlp", threads: threads, seconds: seconds)
          return Double(measured.runs) / seconds
        }
      }
      return (try rates(1).reduce(0, +), try rates(2).reduce(0, +))
    }
  }

  /// Seconds in which four executors do so many steps each, one after the other and all at once.
  static func executors(steps: Int) throws -> Comparison {
    let threads = try Placement.forThisProcess().workerCount
    let models = try (0..<4).map { try PreparedWorkload("mlp", threads: threads, seed: UInt64($0 + 1)) }
    let train: @Sendable (PreparedWorkload) throws -> Void = { model in
      for _ in 0..<steps { _ = try model.step() }
    }
    return {
      let clock = ContinuousClock()
      let plain = try clock.measure { for model in models { try train(model) } } / .seconds(1)
      // SAFETY: each model is used by one thread only.
      nonisolated(unsafe) let models = models
      let crowd =
        try clock.measure { _ = try SideBySide.run(models.count) { try train(models[$0]) } } / .seconds(1)
      return (plain, crowd)
    }
  }

  /// Milliseconds of an mlp step on 2 and on 32 workers.
  static func workersOnMLP(seconds: Double) throws -> Comparison {
    let few = try PreparedWorkload("mlp", threads: 2)
    let many = try PreparedWorkload("mlp", threads: 32)
    return {
      (
        try Timings(atLeast: 20, seconds: seconds) { _ = try few.step() }.median * 1e3,
        try Timings(atLeast: 20, seconds: seconds) { _ = try many.step() }.median * 1e3
      )
    }
  }

  /// Milliseconds of layered-256x256x4 with bodies of 10 µs on 2 and on 32 workers.
  static func workersOnLayers(seconds: Double) throws -> Comparison {
    guard let shape = SchedulerShape.all.first(where: { $0.name == "layered-256x256x4" }) else {
      throw BenchError("there is no shape layered-256x256x4")
    }
    let graph = try shape.graph { _ in
      let end = Latencies.now() + 10_000
      while Latencies.now() < end {}
    }
    let few = try GraphExecutor(workers: 2)
    let many = try GraphExecutor(workers: 32)
    return {
      (
        try Timings(atLeast: 3, seconds: seconds) { _ = try few.run(graph) }.median * 1e3,
        try Timings(atLeast: 3, seconds: seconds) { _ = try many.run(graph) }.median * 1e3
      )
    }
  }
}
