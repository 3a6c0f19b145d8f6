internal import Synchronization
internal import Tributary
internal import TributaryTestSupport

/// A training step of a random model that is cancelled when its first task begins, then when its second does, and so on: each time
/// all states must be those from before the step or all those from after it, and the next step must be as if nothing had been.
struct CancelledSteps {
  /// The most tasks of one step at which it is cancelled.
  static let mostCancellations = 100

  /// The bytes of tensors by name.
  typealias States = [String: [UInt8]]

  private let executable: Executable
  private let feeds: [Value: Tensor]
  private let store: ParameterStore
  private let start: [String: Tensor]
  /// How many tasks a step has.
  let taskCount: Int
  /// The states before the step.
  var before: States
  /// The states after a step that nobody disturbed.
  var after: States
  /// What a step that nobody disturbed hands back.
  var outputs: [[UInt8]]

  /// Compiles a random model and cancels its step at one task after the other.
  static func run(seed: UInt64, on executor: GraphExecutor, using random: inout SplitMix64) throws -> Int {
    let steps = try CancelledSteps(seed: seed, using: &random)
    let cancellations = min(steps.taskCount, mostCancellations)
    return try (0..<cancellations).reduce(0) { tasks, number in
      try tasks + steps.check(cancelledAt: number * steps.taskCount / cancellations, on: executor)
    }
  }

  /// Compiles a random model and takes an undisturbed step.
  init(seed: UInt64, using random: inout SplitMix64) throws {
    let model = try RandomModel(seed: seed, size: Int.random(in: 1...40, using: &random))
    executable = try model.builder.compile(
      fetching: model.fetches, updating: model.update, options: PlanCase.options(using: &random))
    feeds = model.feeds
    store = ParameterStore(executable, seed: 1)
    start = try store.snapshot()
    before = CancelledSteps.states(start)
    let quiet = try GraphExecutor(workers: 1)
    defer { quiet.shutdown() }
    let result = try executable.run(on: quiet, store, feeding: feeds)
    taskCount = result.report.tasksRun
    outputs = result.tensors.map(\.bytes)
    after = CancelledSteps.states(try store.snapshot())
    try store.restore(start)
  }

  /// Takes a step that is cancelled when its task number `position`, in the order in which they begin, begins; then one that is
  /// not. Afterwards the states are as at the start.
  ///
  /// - Returns: how many tasks ran.
  func check(cancelledAt position: Int, on executor: GraphExecutor) throws -> Int {
    let place = "at the start of task \(position + 1) of \(taskCount)"
    let canceller = Canceller(position: position)
    var tasks = 0
    do {
      let result = try executable.run(
        on: executor, store, feeding: feeds,
        options: RunOptions(cancellation: canceller.token, observer: canceller))
      try checkStep(result, "cancelled in vain \(place)")
      tasks += result.report.tasksRun
      try store.restore(start)
    } catch let error as RunError {
      guard error.code == .cancelled else { throw error }
      try checkStates(before, "cancelled \(place)")
    }
    guard canceller.token.isCancelled else {
      throw BenchError("no task was task \(position + 1) of \(taskCount)")
    }
    let result = try executable.run(on: executor, store, feeding: feeds)
    try checkStep(result, "after one cancelled \(place)")
    try store.restore(start)
    return tasks + result.report.tasksRun
  }

  private func checkStep(_ result: Outputs, _ step: String) throws {
    guard result.tensors.map(\.bytes) == outputs else {
      throw BenchError("a step \(step) handed back other bits than one that nobody disturbed")
    }
    try checkStates(after, step)
  }

  private func checkStates(_ expected: States, _ step: String) throws {
    let found = CancelledSteps.states(try store.snapshot())
    let wrong = expected.keys.filter { expected[$0] != found[$0] }.sorted()
    if wrong.isEmpty, found.count == expected.count { return }
    throw BenchError("a step \(step) left other states than it should: \(wrong.joined(separator: ", "))")
  }

  private static func states(_ tensors: [String: Tensor]) -> States { tensors.mapValues(\.bytes) }

  /// Cancels a run when so many of its tasks have begun before.
  private final class Canceller: TaskObserver {
    let token = CancellationToken()
    private let position: Int
    private let begun = Atomic(0)

    init(position: Int) { self.position = position }

    func taskBegan(_ task: ObservedTask) {
      if begun.wrappingAdd(1, ordering: .relaxed).oldValue == position { token.cancel() }
    }
  }
}
