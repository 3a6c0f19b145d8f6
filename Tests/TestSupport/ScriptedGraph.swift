internal import Glibc
internal import Synchronization
public import TributaryScheduler

// SAFETY: what bodies write is a cell of their own, read by later bodies only; the rest is atomic or set between runs.
/// A random graph of tasks that choose, nest, loop, wait for semaphores, throw and cancel, with a sequential interpreter that
/// says which of them must run.
///
/// Bodies read and write plain memory, so that ThreadSanitizer sees an order that is missing.
public final class ScriptedGraph: @unchecked Sendable {
  /// What a random script may contain.
  public struct Features: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int

    /// Features by their bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Tasks that choose which of those behind them run.
    public static let conditions = Features(rawValue: 1)
    /// Tasks that run a script of their own, and tasks that run a loop.
    public static let nesting = Features(rawValue: 2)
    /// Tasks that hold units of semaphores.
    public static let semaphores = Features(rawValue: 4)
    /// Tasks that run a task group.
    public static let groups = Features(rawValue: 8)
    /// All of them.
    public static let everything: Features = [.conditions, .nesting, .semaphores, .groups]
  }

  /// What one task waits for and does.
  private struct Step {
    var predecessors: [Int] = []
    /// The branches waited for; each condition is among the predecessors.
    var branches: [(condition: Int, index: Int)] = []
    /// How many branches the task chooses from; 0 for one that does not choose.
    var branchCount = 0
    var nested: ScriptedGraph?
    var chunks = 0
    var groupSize = 0
    var semaphores: [Int] = []
    var spins = 0
  }

  /// Counts objects that bodies keep.
  public final class Canary: Sendable {
    private let count: SharedCount

    /// Counts itself until it is freed.
    public init(_ count: SharedCount) {
      self.count = count
      count.add()
    }
    deinit { count.remove() }
  }

  /// What a task throws on purpose.
  public struct Boom: Error {
    /// The task that threw it.
    public let task: Int
  }

  /// How many of the script's tasks hold a semaphore now, and did at most.
  private struct Holders: ~Copyable {
    let limit: Int
    let now = Atomic<Int>(0)
    let most = Atomic<Int>(0)
  }

  private let steps: [Step]
  /// The graph to run, after `prepare`. Its tasks are named `t0`, `t1` and so on.
  public private(set) var graph: TaskGraph
  /// How often each task ran.
  private let cells: UnsafeMutablePointer<Int>
  private let holders: UnsafeMutablePointer<Holders>
  private let semaphoreCount: Int
  /// How often a body saw that a task before it had not run, or had though it was to be skipped, or that what it nested went wrong.
  private let violations = Atomic<Int>(0)
  /// Chooses the branches.
  private var round = 0
  /// The tasks that throw if they run. Set between runs only.
  public var throwers: Set<Int> = []
  /// The task that cancels `token` if it runs, or nil. Set between runs only.
  public var canceller: Int?
  /// What the canceller cancels. Set between runs only.
  public var token = CancellationToken()

  /// Draws a script.
  ///
  /// - Parameters:
  ///   - seed: what the script is a function of.
  ///   - tasks: how many tasks it has.
  ///   - features: what it may contain.
  ///   - semaphores: what tasks hold units of. Nested scripts hold none, since the task around them may hold the last.
  ///   - depth: how many levels of scripts may be nested.
  ///   - canaries: counts an object for each body, also of nested scripts, that lives as long as the body.
  public convenience init(
    seed: UInt64, tasks: Int, features: Features, semaphores: [TaskSemaphore] = [], depth: Int = 2,
    canaries: SharedCount = SharedCount()
  ) throws {
    var random = SplitMix64(seed: seed)
    let dag = RandomDAG(seed: seed, tasks: tasks)
    var steps = [Step](repeating: Step(), count: tasks)
    for edge in dag.edges where !steps[edge.to].predecessors.contains(edge.from) {
      steps[edge.to].predecessors.append(edge.from)
    }
    for task in 0..<tasks {
      if Int.random(in: 0..<6, using: &random) == 0 {
        steps[task].spins = .random(in: 0..<3_000, using: &random)
      }
      if features.contains(.conditions) {
        for other in steps[task].predecessors where steps[other].branchCount > 0 {
          for _ in 0..<Int.random(in: 0...2, using: &random) {
            let index = Int.random(in: 0..<steps[other].branchCount, using: &random)
            steps[task].branches.append((other, index))
          }
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
          steps[task].branchCount = .random(in: 1...4, using: &random)
        }
      }
      let special = Int.random(in: 0..<24, using: &random)
      if features.contains(.nesting), depth > 0, special == 0 {
        steps[task].nested = try ScriptedGraph(
          seed: random.next(), tasks: 12, features: features, semaphores: [], depth: depth - 1,
          canaries: canaries)
      }
      if features.contains(.nesting), special == 1 { steps[task].chunks = .random(in: 1...9, using: &random) }
      if features.contains(.groups), special == 2 {
        steps[task].groupSize = .random(in: 1...20, using: &random)
      }
      if features.contains(.semaphores), !semaphores.isEmpty, Int.random(in: 0..<3, using: &random) == 0 {
        steps[task].semaphores = Array(
          semaphores.indices.shuffled(using: &random).prefix(.random(in: 1...3, using: &random)))
      }
    }
    try self.init(steps, semaphores: semaphores, canaries: canaries)
  }

  private init(_ steps: [Step], semaphores: [TaskSemaphore], canaries: SharedCount) throws {
    self.steps = steps
    semaphoreCount = semaphores.count
    holders = .allocate(capacity: max(1, semaphores.count))
    for (index, semaphore) in semaphores.enumerated() {
      (holders + index).initialize(to: Holders(limit: semaphore.limit))
    }
    cells = .allocate(capacity: max(1, steps.count))
    cells.initialize(repeating: 0, count: max(1, steps.count))
    let box = Unowned()
    // The bodies need this object, which needs a graph to be complete: an empty one until the bodies are there.
    graph = try TaskGraphBuilder().build()
    var conditions: [Int: TaskCondition] = [:]
    var builder = TaskGraphBuilder(name: "script")
    for (task, step) in steps.enumerated() {
      let canary = Canary(canaries)
      let body: TaskGraphBuilder.Body = { context in
        try withExtendedLifetime(canary) { try box.script.unsafelyUnwrapped.perform(task, context) }
      }
      let after = step.predecessors.filter { other in !step.branches.contains { $0.condition == other } }
      let cost = TaskCost.nanoseconds(Double(task % 5) * 300)
      let id: TaskID
      if step.branchCount > 0 {
        let condition = builder.addCondition("t\(task)", branches: step.branchCount, cost: cost) { context in
          try body(context)
          return box.script.unsafelyUnwrapped.choice(task)
        }
        conditions[task] = condition
        id = condition.task
        for other in after { builder.precede(TaskID(other), id) }
        builder.acquire(step.semaphores.map { semaphores[$0] }, during: id)
      } else {
        id = builder.add(
          "t\(task)", after: after.map { TaskID($0) }, acquiring: step.semaphores.map { semaphores[$0] },
          cost: cost, body: body)
      }
      for branch in step.branches {
        if let condition = conditions[branch.condition] {
          builder.precede(condition.branch(branch.index), id)
        }
      }
    }
    graph = try builder.build()
    box.script = self
  }

  deinit {
    cells.deallocate()
    holders.deinitialize(count: semaphoreCount)
    holders.deallocate()
  }

  private func choice(_ task: Int) -> Int {
    var random = SplitMix64(seed: UInt64(task) &* 1_000_003 &+ UInt64(round))
    return Int.random(in: 0..<steps[task].branchCount, using: &random)
  }

  private func perform(_ task: Int, _ context: borrowing TaskContext) throws {
    let step = steps[task]
    for semaphore in step.semaphores {
      let count = holders[semaphore].now.wrappingAdd(1, ordering: .relaxed).newValue
      holders[semaphore].most.max(count, ordering: .relaxed)
    }
    defer {
      for semaphore in step.semaphores { holders[semaphore].now.wrappingSubtract(1, ordering: .relaxed) }
    }
    // Lets others try for the unit while it is held.
    if step.spins > 0, !step.semaphores.isEmpty { sched_yield() }
    // A predecessor that was to run has run, and one that was skipped has not.
    for other in step.predecessors where cells[other] != (expected[other] ? 1 : 0) {
      violations.wrappingAdd(1, ordering: .relaxed)
    }
    var sum = 0
    for step in 0..<step.spins { sum &+= step &* step }
    cells[task] += sum == -1 ? 2 : 1
    if let nested = step.nested {
      nested.prepare(round: round)
      try context.run(nested.graph)
      if nested.mistake != nil { violations.wrappingAdd(1, ordering: .relaxed) }
    }
    if step.chunks > 0 {
      let done = SharedCount()
      try context.parallelFor(0..<step.chunks, grain: 1) { _ in done.add() }
      if done.value != step.chunks { violations.wrappingAdd(1, ordering: .relaxed) }
    }
    if step.groupSize > 0 { try performGroup(step.groupSize, context) }
    if task == canceller { token.cancel() }
    if throwers.contains(task) { throw Boom(task: task) }
  }

  /// A group of a chain, and of tasks that each add one more.
  private func performGroup(_ size: Int, _ context: borrowing TaskContext) throws {
    let done = SharedCount()
    try context.withTaskGroup { group in
      var last: [DynamicTask] = []
      for index in 0..<size {
        let task = group.add("", after: index % 3 == 0 ? last : []) { group in
          done.add()
          group.add { _ in done.add() }
        }
        last = [task]
      }
    }
    if done.value != 2 * size { violations.wrappingAdd(1, ordering: .relaxed) }
  }

  /// Which tasks run when nothing throws or cancels, by the rules and in order.
  public private(set) var expected: [Bool] = []

  /// Makes the next run choose by a number, and forgets what ran before.
  public func prepare(round: Int) {
    self.round = round
    for task in steps.indices { cells[task] = 0 }
    expected = []
    for step in steps {
      let isReached = step.predecessors.isEmpty || step.predecessors.contains { expected[$0] }
      let conditions = Set(step.branches.map(\.condition))
      let isChosen = conditions.allSatisfy { condition in
        expected[condition]
          && step.branches.contains { $0.condition == condition && $0.index == choice(condition) }
      }
      expected.append(isReached && isChosen)
    }
  }

  /// What is wrong after a run that was to do everything, or nil: exactly the tasks that should have run ran, once each.
  public var mistake: String? {
    mistake { count, task in count == (expected[task] ? 1 : 0) }
  }

  /// What is wrong after a run that was stopped by one of the throwers or the canceller, or nil: no task ran that should not have,
  /// none behind one that stops the run, and none twice.
  public var mistakeAfterStop: String? {
    var isBehind = [Bool](repeating: false, count: steps.count)
    for task in steps.indices {
      isBehind[task] = steps[task].predecessors.contains { isBehind[$0] || isStopping($0) }
    }
    return mistake { count, task in count <= (expected[task] && !isBehind[task] ? 1 : 0) }
  }

  /// Whether a task runs, and then throws or cancels.
  private func isStopping(_ task: Int) -> Bool {
    expected[task] && (throwers.contains(task) || canceller == task)
  }

  /// Whether a task ran since `prepare`.
  public func hasRun(_ task: Int) -> Bool { cells[task] > 0 }

  private func mistake(_ isRight: (_ count: Int, _ task: Int) -> Bool) -> String? {
    let violations = violations.load(ordering: .relaxed)
    if violations > 0 { return "\(violations) times a task met what should not have been in round \(round)" }
    for semaphore in 0..<semaphoreCount {
      let (limit, most) = (holders[semaphore].limit, holders[semaphore].most.load(ordering: .relaxed))
      if most > limit { return "\(most) tasks at once held a semaphore of limit \(limit) in round \(round)" }
    }
    guard let task = steps.indices.first(where: { !isRight(cells[$0], $0) }) else { return nil }
    return
      "task \(task) of \(steps.count), which was \(expected[task] ? "" : "not ")to run, ran \(cells[task]) times "
      + "in round \(round)"
  }

  // SAFETY: written before the graph first runs; the script outlives its graph's runs.
  /// A reference that counts nothing, set once before any body runs.
  private final class Unowned: @unchecked Sendable {
    unowned(unsafe) var script: ScriptedGraph?
  }
}
