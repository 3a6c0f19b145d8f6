/// What was wrong with a request to the scheduler: a count, a description, a graph.
///
/// The message says what was found, where, and how to mend it; `code` is for callers that branch on the cause.
public struct SchedulerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The cause, for callers that branch on it.
  public enum Code: Hashable, Sendable {
    /// A number of threads that is not a whole number from 1 to 1024.
    case invalidThreadCount
    /// A machine description that hwloc does not understand, or a machine that it cannot read.
    case invalidTopology
    /// A set of CPUs that this process may not use, or that is no set of CPUs.
    case invalidPinning
    /// Tasks that wait for each other in a circle.
    case cycle
    /// An edge with a task that the graph does not have.
    case unknownTask
    /// A task that is to run after itself.
    case selfEdge
    /// More tasks than an Int32 can number.
    case tooManyTasks
    /// A list of costs that is not one for each task.
    case wrongCostCount
    /// A condition with no branches or too many.
    case invalidBranchCount
    /// A branch that the graph's conditions do not have.
    case unknownBranch
    /// A condition's body chose a number that is no branch's.
    case branchOutOfRange
    /// The system refuses another thread.
    case threadCreationFailed
    /// A limit of nesting that is not from 0 to 65,536.
    case invalidNestingLimit
    /// A run, loop or task group nested in more others than the executor's configuration allows.
    case nestingTooDeep
    /// A run, loop or task group for which the calling thread has too little stack left.
    case stackExhausted
  }

  /// The cause.
  public let code: Code
  /// A sentence: what, where, and how to mend it.
  public let message: String

  /// An error of the given cause with its sentence.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The sentence.
  public var description: String { message }
}
