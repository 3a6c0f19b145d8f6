internal import Foundation

extension ProfileReport: CustomStringConvertible {
  /// The report as tables for people.
  package var description: String {
    guard runs > 0 else {
      return "no whole run was recorded: the tasks of one are more than the recorder keeps"
    }
    let head =
      "\(runs) runs of \(tasks) tasks, \(ms(wallMs)) ms each; of the workers' time \(percent(operatorShare)) in operators, "
      + "\(percent(schedulingShare)) scheduling, \(percent(idleShare)) idle"
      + (roofline.map { "; operators reach \(percent($0)) of the roofline" } ?? "")
    let note =
      "\(percent(sharedShare)) of the operators' time lies in tasks of several operators and is shared out by the cost "
      + "model (column shared)"
    let kindTable = TextTable(
      ["operator", "count", "shards"] + figureTitles + workers.map { "worker \($0.worker)" },
      kinds.map { line in
        [line.operator, "\(line.count)", "\(line.shards)"] + figures(line) + line.workersMs.map(ms)
      })
    let workerTable = TextTable(
      ["worker", "ms", "of wall"], workers.map { ["\($0.worker)", ms($0.ms), percent($0.share)] })
    let dearestTable = TextTable(
      ["dearest", "operator", "shards"] + figureTitles,
      dearest.map { [$0.name ?? "", $0.operator, "\($0.shards)"] + figures($0) }, leftAligned: [0, 1])
    return [head, note, "", "\(kindTable)", "", "\(workerTable)", "", "\(dearestTable)"]
      .joined(separator: "\n")
  }

  private var figureTitles: [String] { ["ms", "share", "GFLOP/s", "GB/s", "roofline", "shared"] }

  private func figures(_ line: Line) -> [String] {
    [
      ms(line.ms), percent(line.share), String(format: "%.1f", line.gflops), String(format: "%.1f", line.gbs),
      line.roofline.map(percent) ?? "–", percent(line.shared),
    ]
  }

  private func ms(_ value: Double) -> String { String(format: value < 1 ? "%.4f" : "%.2f", value) }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
}
