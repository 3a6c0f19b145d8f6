internal import Tributary
internal import TributaryTraining

/// What a training tells: a table for people, lines of JSON for programs.
extension TrainingSession {
  /// A column of the table, right-aligned.
  private struct Column {
    var name: String
    var width: Int
    var cell: String
  }

  /// The epoch last run, or what is known before the first.
  private var columns: [Column] {
    let isTrained = trainer.stepsDone > 0
    func number(_ value: Double?, _ places: Int) -> String { value.map { decimal($0, places) } ?? "-" }
    let figures = recipe.figures.map { figure in
      Column(name: figure.name, width: 12, cell: decimal(figure.value(lastTest.loss), 3))
    }
    return [
      Column(name: "epoch", width: 5, cell: String(trainer.epoch)),
      Column(name: "loss", width: 10, cell: number(isTrained ? lastEpoch.loss : nil, 4)),
      Column(name: "train acc", width: 12, cell: number(lastEpoch.accuracy, 4)),
      Column(name: "test loss", width: 12, cell: number(lastTest.loss, 4)),
      Column(name: "test acc", width: 12, cell: number(lastTest.accuracy, 4)),
    ] + figures + [
      Column(name: "samples/s", width: 13, cell: number(isTrained ? lastEpoch.samplesPerSecond : nil, 0)),
      Column(
        name: "busy", width: 7, cell: isTrained ? decimal(lastEpoch.utilization * 100, 0) + " %" : "-"),
    ]
  }

  /// The names of the table's columns.
  var tableHeading: String { columns.map { padded($0.name, $0.width) }.joined() }

  /// The epoch last run as a row of the table; before the first, what an untrained model does.
  var tableRow: String { columns.map { padded($0.cell, $0.width) }.joined() }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - text.count)) + text
  }

  private var recipe: any Recipe { settings.model.recipe }

  private var samplesPerSecond: Double { trainedSeconds > 0 ? Double(trainedSamples) / trainedSeconds : 0 }

  /// The last line of standard output.
  var lastLine: String {
    "test \(lastTest.judgement(recipe.figures)), \(decimal(samplesPerSecond, 0)) samples/s"
  }

  /// What the plan says of the memory of steps, in a line.
  var memoryLine: String {
    let again = trainer.plan.recomputedCount
    return "planned memory \(trainer.memory)" + (again > 0 ? "; \(again) operators computed again" : "")
  }

  /// One epoch for the JSON file.
  var epochLine: JSON {
    .object(
      [
        JSON.Member("system", .string("tributary")), JSON.Member("model", .string(settings.model.rawValue)),
        JSON.Member("epoch", .integer(trainer.epoch)),
      ] + results + [
        JSON.Member("samples_per_s", .number(lastEpoch.samplesPerSecond)),
        JSON.Member("utilization", .number(lastEpoch.utilization)),
      ])
  }

  /// The whole training for the JSON file.
  func summary() throws -> JSON {
    let sorted = stepSeconds.sorted()
    return .object(
      [
        JSON.Member("system", .string("tributary")), JSON.Member("model", .string(settings.model.rawValue)),
        JSON.Member(recipe.source.rawValue, .string(settings.place)),
        JSON.Member("threads", .integer(executor.workerCount)),
        JSON.Member("seed", .integer(Int(clamping: settings.seed))),
        JSON.Member("epochs", .integer(settings.epochs)), JSON.Member("batch", .integer(settings.batch)),
        JSON.Member("optimizer", .string(settings.optimizer.rawValue)),
        JSON.Member("steps", .integer(trainer.stepsDone)),
      ] + results + [
        JSON.Member("samples_per_s", .number(samplesPerSecond)),
        JSON.Member("step_ms_median", sorted.isEmpty ? .null : .number(sorted[sorted.count / 2] * 1000)),
        JSON.Member("utilization", .number(lastEpoch.utilization)),
        JSON.Member("planned_bytes", .integer(trainer.memory.total)),
        JSON.Member("peak_rss_mb", .number(peakResidentMegabytes())),
        JSON.Member("parameters_sha256", .string(try trainer.store.parametersDigest())),
      ])
  }

  private var results: [JSON.Member] {
    [
      JSON.Member("loss", .number(lastEpoch.loss)),
      JSON.Member("train_accuracy", lastEpoch.accuracy.map { .number($0) } ?? .null),
      JSON.Member("test_loss", .number(lastTest.loss)),
    ] + lastTest.members(recipe.figures)
  }
}

extension PassStatistics {
  /// `accuracy 0.6123, 1.934 bits/char`.
  func judgement(_ figures: [Figure]) -> String {
    (["accuracy \(decimal(accuracy ?? 0, 4))"] + figures.map { "\(decimal($0.value(loss), 3)) \($0.name)" })
      .joined(separator: ", ")
  }

  /// Accuracy and figures for the JSON file.
  func members(_ figures: [Figure]) -> [JSON.Member] {
    [JSON.Member("test_accuracy", accuracy.map { .number($0) } ?? .null)]
      + figures.map { JSON.Member("test_\($0.key)", .number($0.value(loss))) }
  }
}
