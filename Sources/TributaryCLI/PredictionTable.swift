internal import Tributary
internal import TributaryScheduler
internal import TributaryTraining

/// What a plan's step should take on several numbers of workers, as a table.
struct PredictionTable: CustomStringConvertible {
  private let plan: Plan
  private let predictions: [MakespanPrediction]

  init(_ plan: Plan, _ predictions: [MakespanPrediction]) {
    self.plan = plan
    self.predictions = predictions
  }

  var description: String {
    let head =
      "\(plan.taskCount) tasks, work \(time(plan.work.seconds)), critical path \(time(plan.criticalPath.seconds)); "
      + "a processor for each worker\n\n"
    let rows = [["workers", "predicted", "speed-up", "utilization", "steals"]] + predictions.map(row)
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
    }
    return head + lines.joined(separator: "\n")
  }

  private func row(_ prediction: MakespanPrediction) -> [String] {
    [
      "\(prediction.workers)", time(prediction.seconds), decimal(prediction.speedUp, 2),
      "\(decimal(prediction.utilization * 100, 0)) %", "\(prediction.steals)",
    ]
  }

  private func time(_ seconds: Double) -> String { "\(decimal(seconds * 1e3, 3)) ms" }
}
