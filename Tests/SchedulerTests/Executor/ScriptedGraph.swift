import Glibc
import Synchronization
import TributaryTestSupport

@testable import TributaryScheduler

/// A random graph of tasks that choose, nest, loop, wait for semaphores, throw and cancel, with a sequential interpreter that
/// says which of them must run.
///
/// Bodies read and write plain memory, so that ThreadSanitizer sees an order that is missing.
final class ScriptedGraph: @unchecked Sendable {
  // SAFETY: what bodies write is a cell of their own, read by later bodies only; the rest is set between runs.

  /// What a random script may contain.
  struct Features: OptionSet {
    let rawValue: Int
    static let conditions = Features(rawValue: 1)
    static let nesting = Features(rawValue: 2)
    static let semaphores = Features(rawValue: 4)
    static let groups = Features(rawValue: 8)
  }

  struct Step {
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
  final class Canary: Sendable {
    let count: SharedCount
    init(_ count: SharedCount) {
      self.count = count
      count.add()
    }
    deinit { count.remove() }
  }

  struct Boom: Error, Equatable { let task: Int }

  let steps: [Step]
  private(set) var graph: TaskGraph
  let cells: UnsafeMutablePointer<Int>
  let violations = Atomic<Int>(0)
  /// Chooses the branches.
  var round = 0
  /// The task that throws, or -1.
  var thrower = -1
  /// The task that cancels, or -1, and what it cancels.
  var canceller = -1
  var token = CancellationToken()

  convenience init(
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

  init(_ steps: [Step], semaphores: [TaskSemaphore] = [], canaries: SharedCount = SharedCount()) throws {
    self.steps = steps
    cells = .allocate(capacity: max(1, steps.count))
    cells.initialize(repeating: 0, count: max(1, steps.count))
    let box = Unowned()
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
        id =
          builder.addCondition("t\(task)", branches: step.branchCount, cost: cost) { context in
            try body(context)
            return box.script.unsafelyUnwrapped.choice(task)
          }.task
        for other in after { builder.precede(TaskID(other), id) }
      } else {
        id = builder.add(
          "t\(task)", after: after.map { TaskID($0) }, acquiring: step.semaphores.map { semaphores[$0] },
          cost: cost,
          body: body)
      }
      for branch in step.branches {
        builder.precede(
          TaskCondition(task: TaskID(branch.condition), branchCount: steps[branch.condition].branchCount)
            .branch(
              branch.index), id)
      }
    }
    graph = try builder.build()
    box.script = self
  }

  deinit { cells.deallocate() }

  func choice(_ task: Int) -> Int {
    var random = SplitMix64(seed: UInt64(task) &* 1_000_003 &+ UInt64(round))
    return Int.random(in: 0..<steps[task].branchCount, using: &random)
  }

  private func perform(_ task: Int, _ context: borrowing TaskContext) throws {
    let step = steps[task]
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
      if !nested.isAsExpected { violations.wrappingAdd(1, ordering: .relaxed) }
    }
    if step.chunks > 0 {
      let done = SharedCount()
      try context.parallelFor(0..<step.chunks, grain: 1) { _ in done.add() }
      if done.value != step.chunks { violations.wrappingAdd(1, ordering: .relaxed) }
    }
    if step.groupSize > 0 { try performGroup(step.groupSize, context) }
    if task == canceller { token.cancel() }
    if task == thrower { throw Boom(task: task) }
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
  private(set) var expected: [Bool] = []

  /// Makes the next run choose by a number.
  func prepare(round: Int) {
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

  /// Whether exactly the tasks that should have run ran, once each.
  var isAsExpected: Bool {
    violations.load(ordering: .relaxed) == 0
      && steps.indices.allSatisfy { cells[$0] == (expected[$0] ? 1 : 0) }
  }

  /// Whether no task ran that should not have, also not behind one that stopped the run, and none twice.
  func isPartOfExpected(stoppedAt stop: Int) -> Bool {
    var isBehind = [Bool](repeating: false, count: steps.count)
    for task in steps.indices {
      isBehind[task] = steps[task].predecessors.contains { $0 == stop || isBehind[$0] }
    }
    return violations.load(ordering: .relaxed) == 0
      && steps.indices.allSatisfy { cells[$0] <= (expected[$0] && !isBehind[$0] ? 1 : 0) }
  }

  /// A reference that counts nothing, set once before any body runs.
  private final class Unowned: @unchecked Sendable {
    // SAFETY: written before the graph first runs; the script outlives its graph's runs.
    unowned(unsafe) var script: ScriptedGraph?
  }
}
