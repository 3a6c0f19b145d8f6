public import TributaryScheduler

/// Why a run did not happen or did not end well. Says what, where, and how to mend it.
public struct RunError: Error, Sendable {
  /// The kind of failure.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The name as written in Swift.
    public let description: String

    private init(_ name: String) { description = name }

    /// An input that the run needs was not fed.
    public static let missingFeed = Code("missingFeed")
    /// A tensor was fed to something that is not an input of the graph.
    public static let unknownFeed = Code("unknownFeed")
    /// A tensor has another element type than the input or state it is for.
    public static let wrongType = Code("wrongType")
    /// A tensor has another shape than the input or state it is for.
    public static let wrongShape = Code("wrongShape")
    /// A value was asked for that was not fetched.
    public static let unknownFetch = Code("unknownFetch")
    /// A kernel or another part of the step failed.
    public static let taskFailed = Code("taskFailed")
    /// A value that must be finite was NaN or infinite; no state was changed.
    public static let notFinite = Code("notFinite")
    /// An index lay outside the axis that it indexes; no state was changed.
    public static let indexOutOfRange = Code("indexOutOfRange")
    /// An integer was divided by 0; no state was changed.
    public static let divisionByZero = Code("divisionByZero")
    /// The run was cancelled before its first assignment.
    public static let cancelled = Code("cancelled")
    /// The run's deadline passed before its first assignment.
    public static let deadlineExceeded = Code("deadlineExceeded")
    /// The executor was shut down.
    public static let shutDown = Code("shutDown")
    /// This process is a fork, and the executor's threads live in its parent.
    public static let forked = Code("forked")
    /// The run was to be nested in too many others, or on a thread with too little stack left; it was not begun.
    public static let nestingTooDeep = Code("nestingTooDeep")
    /// A run on this store was started from inside a run that holds it.
    public static let stateInUse = Code("stateInUse")
    /// A step failed after its first assignment, so the store's states do not belong together.
    public static let stateInconsistent = Code("stateInconsistent")
    /// The store does not have the states that the executable needs, or not of their types.
    public static let wrongStore = Code("wrongStore")
    /// The store has no state of a name.
    public static let unknownState = Code("unknownState")
  }

  /// The kind of failure.
  public let code: Code

  /// What happened, where, and how to mend it.
  public let message: String

  /// The name, with its scopes, of the operator that failed; nil where none did.
  public let operatorName: String?

  /// The source line of the operator that failed, `Model.swift:12`; nil where none did.
  public let source: String?

  /// Times and counts of the run up to its failure; nil when it never began.
  public let report: RunReport?

  init(
    _ code: Code, _ message: String, operatorName: String? = nil, source: String? = nil,
    report: RunReport? = nil
  ) {
    self.code = code
    self.message = message
    self.operatorName = operatorName
    self.source = source
    self.report = report
  }
}

extension RunError: CustomStringConvertible {
  /// The sentence, after the source line where there is one.
  public var description: String { (source.map { $0.isEmpty ? "" : "\($0): " } ?? "") + message }
}
