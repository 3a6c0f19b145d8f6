internal import ArgumentParser
internal import Tributary
internal import TributaryMeasuring

/// Trains a model on images or on a text.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a model on images or on a text.",
    discussion: """
      Models of images learn from fashion-mnist where nothing is said, models of text from the licences that Debian \
      installs, with 63 characters told apart and all others taken for one.

      The same settings and seed give the same parameters, bit for bit, at every number of threads. An interrupt \
      (Ctrl-C) lets the step end, writes the checkpoint and ends with exit code 130.
      """)

  @OptionGroup var training: TrainingOptions
  @OptionGroup var threading: ThreadOptions

  @Option(help: ArgumentHelp("Write when and where each task ran, for ui.perfetto.dev.", valueName: "file"))
  var trace: String?

  @Option(help: ArgumentHelp("Save the state after every epoch and on an interrupt.", valueName: "file"))
  var checkpoint: String?

  @Option(help: ArgumentHelp("Go on from a checkpoint, with its settings.", valueName: "file"))
  var resume: String?

  @Option(help: ArgumentHelp("Append a JSON line for every epoch and one for the whole.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "The most bytes that the plan of a step may take, with K, M, G or Ki, Mi, Gi; where they are few, values are computed twice.",
      valueName: "bytes"),
    transform: ByteCount.argument)
  var memoryBudget: ByteCount?

  @Option(
    help: ArgumentHelp(
      "Order tasks by times measured earlier on this machine, and keep those of this run.", valueName: "file")
  )
  var costs: String?

  @Flag(
    help: "Tell in the end where the time of the latest steps went: operators, workers, scheduling, idling."
  )
  var profile = false

  @Flag(help: "Print the last line alone.")
  var quiet = false

  func run() throws {
    let lines = try json.map { try LineFile($0) }
    var kept = try costs.map { try KeptCosts($0) }
    for path in [trace, checkpoint, costs].compactMap({ $0 }) { try Checkpoint.checkWritable(path) }
    let resumed = try resume.map { try Checkpoint(contentsOf: $0) }
    let stored = resume.flatMap { path in resumed.map { StoredSettings($0, path: path) } }
    let settings = try TrainingSettings(training, resuming: stored)
    let samples = try settings.model.recipe.read(settings.place, limit: settings.limit)
    try stored?.check(samples)
    let executor = try Interrupt.sparingThreads { try threading.makeExecutor() }
    var session = try TrainingSession(
      settings, samples, executor: executor,
      recorder: trace != nil || profile || kept != nil ? TraceRecorder() : nil, memoryBudget: memoryBudget,
      isQuiet: quiet)
    try kept?.apply(to: session)
    if let resumed, try !session.resume(resumed) {
      printError(
        "warning: the checkpoint was made by another plan (other library, processor or version); bits may differ"
      )
    }
    defer { if let trace { session.writeTrace(to: trace) } }
    Interrupt.install()
    do {
      try session.begin()
      while session.trainer.nextEpoch <= settings.epochs {
        let isWhole = try session.runEpoch()
        try kept?.keep(session)
        if let checkpoint { try session.save(to: checkpoint) }
        guard isWhole else { throw Interrupt.exit(checkpoint: checkpoint) }
        try lines?.append(session.epochLine.text)
      }
    } catch let error as TrainingError where error.code == .notFiniteLoss {
      let saved = checkpoint.map { "; \($0) keeps the last good checkpoint" } ?? ""
      throw CommandError("\(error)\(saved)")
    }
    try session.finish()
    if profile, let report = try session.profile() {
      if !quiet { print("\n\(report)\n\n\(session.memoryLine)\n") }
      try lines?.append(report.json(("model", settings.model.rawValue), threads: executor.workerCount))
    }
    try lines?.append(session.summary().text)
    print(session.lastLine)
  }
}
