internal import Tributary
internal import TributaryMeasuring
internal import TributaryTraining

/// The file of `--costs`: times of the step's tasks from earlier runs, replaced by those of this one.
struct KeptCosts {
  private let path: String
  private var file: CostFile
  private let machine = CostFile.Machine.current(processor: Processor.name)

  /// Reads the file if there is one.
  init(_ path: String) throws {
    self.path = path
    file = try CostFile(contentsOf: path)
  }

  /// Orders the training's tasks by what the file knows of them, or says that it knows nothing.
  func apply(to session: TrainingSession) throws {
    let executable = session.trainer.executable
    let found = file.costs(
      of: executable.plan.fingerprint, on: machine, workers: session.executor.workerCount)
    if case .costs(let costs) = found {
      do throws(CostError) { try executable.use(costs) } catch {
        throw CommandError("\(path) does not fit: \(error). Delete it, or give --costs another path")
      }
    }
    if let notice = found.notice(path: path, machine: machine), !session.isQuiet { printError(notice) }
  }

  /// Orders the training's tasks by their times in the latest recorded steps, and writes these to the file.
  mutating func keep(_ session: TrainingSession) throws {
    let executable = session.trainer.executable
    guard let recorder = session.recorder,
      let costs = executable.measuredCosts(recorder, workers: session.executor.workerCount)
    else { return }
    try executable.use(costs)
    // Another process may have written the file meanwhile.
    file = try CostFile(contentsOf: path)
    file.add(costs, on: machine)
    try file.write(to: path)
  }
}
