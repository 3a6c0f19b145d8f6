/// Collects tasks and the order between them, and builds the immutable `TaskGraph`.
///
/// ```swift
/// var dag = TaskGraphBuilder()
/// let load = dag.add("load") { _ in … }
/// let a = dag.add("a", after: load, cost: .microseconds(300)) { _ in … }
/// let b = dag.add("b", after: load) { context in print(context.workerIndex) }
/// dag.add("join", after: a, b) { _ in … }
/// let graph = try dag.build()
/// ```
///
/// Nothing is checked before `build`, which reports the first mistake found.
public struct TaskGraphBuilder: Sendable {
  /// What a task does. It may throw, which fails the run, and must not keep the context.
  public typealias Body = @Sendable (borrowing TaskContext) throws -> Void

  /// A body in an array. Bare closures there would be wrapped in two thunks, which every call passes through.
  struct Wrapped {
    let body: Body
  }

  struct Edge {
    var from: UInt32
    var to: UInt32
  }

  /// The graph's name, for errors, traces and dumps.
  public let name: String
  /// The most tasks that a graph can hold: a task's number must fit in an Int32.
  public static let maximumTaskCount = Int(Int32.max)

  let limit: Int
  var names: [String] = []
  /// The names of tasks that were added without one, made when somebody asks.
  var naming: (@Sendable (Int) -> String)?
  var costs: [TaskCost] = []
  var bodies: [Wrapped] = []
  var edges: [Edge] = []
  /// How many branches each condition has, by position.
  var conditions: [Int: Int] = [:]
  var choices: [Choice] = []
  /// The semaphores of tasks that have some, by position.
  var limits: [Int: [TaskSemaphore]] = [:]
  /// The first mistake seen while collecting.
  var mistake: SchedulerError?

  /// A builder without tasks.
  public init(name: String = "graph") { self.init(name: name, limit: TaskGraphBuilder.maximumTaskCount) }

  /// A builder without tasks, whose tasks are named by position, when somebody asks: for graphs of thousands of tasks.
  package init(name: String, naming: @escaping @Sendable (Int) -> String) {
    self.init(name: name, limit: TaskGraphBuilder.maximumTaskCount)
    self.naming = naming
  }

  init(name: String = "graph", limit: Int) {
    self.name = name
    self.limit = limit
  }

  /// How many tasks were added.
  public var taskCount: Int { bodies.count }

  /// Adds a task that runs after others.
  ///
  /// - Parameters:
  ///   - name: for errors, traces and dumps; empty stands for `task` and its number.
  ///   - after: the tasks that must end before this one begins.
  ///   - cost: how long the body is expected to run.
  ///   - body: what the task does.
  /// - Complexity: amortised O(number of `after`).
  @discardableResult
  public mutating func add(
    _ name: String = "", after: TaskID..., cost: TaskCost = .unknown, body: @escaping Body
  ) -> TaskID {
    add(name, after: after, cost: cost, body: body)
  }

  /// Adds a task that runs after those of an array.
  ///
  /// - Complexity: amortised O(number of `after`).
  @discardableResult
  public mutating func add(
    _ name: String, after: [TaskID], cost: TaskCost = .unknown, body: @escaping Body
  ) -> TaskID {
    let task = TaskID(bodies.count)
    guard bodies.count < limit else {
      note(
        .tooManyTasks,
        "graph “\(self.name)” has more than \(limit) tasks: merge small tasks or run it in parts")
      return task
    }
    names.append(name)
    costs.append(cost)
    bodies.append(Wrapped(body: body))
    for other in after { precede(other, task) }
    return task
  }

  /// Lets `b` begin only after `a` has ended. Saying so twice is the same as once.
  ///
  /// - Complexity: amortised O(1).
  public mutating func precede(_ a: TaskID, _ b: TaskID) {
    guard let from = UInt32(exactly: a.index), let to = UInt32(exactly: b.index) else {
      let unknown = UInt32(exactly: a.index) == nil ? a : b
      note(.unknownTask, "graph “\(name)” has no task \(unknown): use the IDs that add returned")
      return
    }
    if from == to {
      note(
        .selfEdge, "task “\(label(Int(from)))” of graph “\(name)” is to run after itself: remove that edge")
    }
    edges.append(Edge(from: from, to: to))
  }

  func label(_ task: Int) -> String {
    guard task >= 0, task < names.count else { return "task \(task)" }
    return TaskGraphBuilder.label(task, names[task], naming)
  }

  /// A task's own name, or the one that it is given, or its number.
  static func label(_ task: Int, _ own: String, _ naming: (@Sendable (Int) -> String)?) -> String {
    let name = own.isEmpty ? naming?(task) ?? "" : own
    return name.isEmpty ? "task \(task)" : name
  }

  mutating func note(_ code: SchedulerError.Code, _ message: String) {
    if mistake == nil { mistake = SchedulerError(code, message) }
  }
}
