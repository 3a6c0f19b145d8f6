internal import Foundation
internal import Tributary
internal import TributaryAutodiff
internal import TributaryMeasuring
internal import TributaryWorkloads

/// A workload of the suite with its step compiled and its data in place: plain SGD with learning rate 0.01.
struct PreparedWorkload {
  /// The executor that the steps run on.
  let executor: GraphExecutor
  /// The seconds that drawing initial values and samples took.
  let drawingSeconds: Double
  private let run: PreparedRun
  private let executable: Executable
  private let loss: Value

  /// Builds the graph, differentiates, plans and prepares.
  init(_ name: String, threads: Int, seed: UInt64 = 1, settings: StepSettings = StepSettings()) throws {
    let model = try Workload.named(name).model()
    executable = try model.compiledStep(settings)
    executor = try GraphExecutor(workers: threads)
    loss = model.loss
    let clock = ContinuousClock()
    let start = clock.now
    let store = ParameterStore(executable, seed: seed)
    let samples = try model.sampleInputs(seed: seed)
    drawingSeconds = (clock.now - start) / .seconds(1)
    run = try executable.prepare(on: executor, store)
    for (value, tensor) in samples { try run.feed(value, tensor) }
  }

  /// One training step.
  func step(options: RunOptions = RunOptions()) throws -> RunReport { try run.run(options: options) }

  /// The bytes that the plan foretells for all threads.
  var plannedMemory: MemoryUse { executable.plan.memory(workers: executor.workerCount) }

  /// The bytes that were allocated.
  var allocatedMemory: MemoryUse { run.memory }

  /// Orders tasks by times that a file has of this machine, or else by times measured now and added to the file. Steps that
  /// are measured for it change the parameters like others.
  ///
  /// - Throws: `FileError`, `CostFileError` or `CostError` when the file cannot be used.
  func useCosts(keptIn path: String) throws {
    var file = try CostFile(contentsOf: path)
    let machine = CostFile.Machine.current(processor: Processor.name)
    let found = file.costs(of: executable.plan.fingerprint, on: machine, workers: executor.workerCount)
    if case .costs(let costs) = found { return try executable.use(costs) }
    if let notice = found.notice(path: path, machine: machine) {
      FileHandle.standardError.write(Data("\(notice)\n".utf8))
    }
    let recorder = try record(atMost: PreparedWorkload.stepsForCosts)
    guard let costs = executable.measuredCosts(recorder, workers: executor.workerCount) else { return }
    try executable.use(costs)
    file.add(costs, on: machine)
    try file.write(to: path)
  }

  private static let stepsForCosts = 20

  /// Records so many steps, or as many as a recorder holds.
  func record(atMost steps: Int) throws -> TraceRecorder {
    let recorder = TraceRecorder()
    let kept = max(1, recorder.capacityPerWorker / max(executable.plan.taskCount, 1))
    for _ in 0..<min(steps, kept) { _ = try step(options: RunOptions(trace: recorder)) }
    return recorder
  }

  /// What recorded steps spent on each operator.
  func profile(_ recorder: TraceRecorder) -> ExecutionProfile {
    executable.profile(recorder, workers: executor.workerCount)
  }

  /// How many operators a step computes.
  var operatorCount: Int { profile(TraceRecorder(capacityPerWorker: 1)).steps.count }

  /// The operations and bytes of all operators of a step.
  var work: CallWork {
    let steps = profile(TraceRecorder(capacityPerWorker: 1)).steps
    return CallWork(
      flops: steps.reduce(0) { $0 + $1.flops }, bytes: steps.reduce(0) { $0 + $1.bytes })
  }

  /// The loss of the last step.
  func lastLoss() throws -> Double { try run.scalar(loss) }
}
