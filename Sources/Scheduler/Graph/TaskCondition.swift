/// A task whose body chooses which of the tasks behind it run, as the builder returned it.
///
/// ```swift
/// let isEven = dag.addCondition("is even", after: load) { _ in number.isMultiple(of: 2) }
/// let halve = dag.add("halve", when: isEven.isTrue) { _ in … }
/// let triple = dag.add("triple", when: isEven.isFalse) { _ in … }
/// dag.add("join", after: halve, triple) { _ in … }
/// ```
///
/// A task runs if and only if all branches that it waits for were taken and not all of its predecessors were skipped. So
/// `join` runs whatever was chosen, while a chain behind the branch not taken is skipped to its end. A task that waits for two
/// branches of one condition runs when either was taken; one that merely comes `after` the condition's `task` runs
/// whatever was chosen. A condition that is skipped itself takes no branch.
///
/// A graph has no cycles: a loop is a nested run inside a task.
///
/// ```swift
/// dag.add("until converged") { context in
///   while !converged { try context.run(step) }
/// }
/// ```
public struct TaskCondition: Hashable, Sendable {
  /// The task that chooses. Tasks after it run whatever it chooses.
  public let task: TaskID
  /// How many branches there are.
  public let branchCount: Int

  /// The branch with a number, from 0 below `branchCount`; another number is refused when the graph is built.
  public func branch(_ index: Int) -> TaskBranch { TaskBranch(condition: task, index: index) }

  /// The branch taken when a yes-or-no condition's body returns true: number 0.
  public var isTrue: TaskBranch { branch(0) }
  /// The branch taken when a yes-or-no condition's body returns false: number 1.
  public var isFalse: TaskBranch { branch(1) }

  /// The most branches that a condition can have.
  public static let maximumBranchCount = 63
}

/// One of the ways on from a condition.
public struct TaskBranch: Hashable, Sendable {
  /// The condition's task.
  public let condition: TaskID
  /// The branch's number, from 0.
  public let index: Int
}
