import Tributary

/// Compares learning-rate tables: the schedule's own function in float64, and the operator that a plan runs.
struct ScheduleFixture {
  let fixture: Fixture
  let tolerances: ToleranceClass

  private static let inDouble = Tolerance(rel: 1e-12, abs: 1e-15, scale: .floor)

  func outcome(on executors: [GraphExecutor]) throws -> Outcome {
    for (name, attributes) in try Members(fixture.description["schedules"]).values.sorted(by: {
      $0.key < $1.key
    }) {
      let schedule = try OptimizerTable.schedule(name, Members(attributes))
      let want = try fixture.tensor(name)
      let direct = (0..<want.elementCount).map { schedule.rate(at: $0) }
      let got = try Tensor(direct, shape: want.shape)
      if let reason = try ScheduleFixture.inDouble.mismatch(got: got, want: want, floor: 1) {
        return .failed("\(name)\(reason)")
      }
      for executor in executors {
        let got = try rates(of: schedule, count: want.elementCount, on: executor)
        if let reason = try tolerances.forward.mismatch(got: got, want: want, floor: 0) {
          return .failed("\(executor.workerCount) threads: \(name)\(reason)")
        }
      }
    }
    return .passed
  }

  private func rates(of schedule: LearningRateSchedule, count: Int, on executor: GraphExecutor) throws
    -> Tensor
  {
    let graph = GraphBuilder()
    let step = graph.input("step", [], dtype: .int64)
    let rate = graph.apply(ScheduledRate(schedule, dtype: .float32), to: step)
    let executable = try graph.compile(fetching: [rate])
    let rates = try (0..<count).map { index -> Float in
      try executable.run(on: executor, feeding: [step: Tensor(Int64(index))])[rate].scalar()
    }
    return try Tensor(rates, shape: [count])
  }
}
