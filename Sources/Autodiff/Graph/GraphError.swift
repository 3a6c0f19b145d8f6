public import TributaryOps

/// Everything that is wrong with a graph, found while it was built or frozen.
///
/// Building goes on after a mistake, so one error lists all of them; values computed from a mistake are not reported.
public struct GraphError: Error, Sendable, Hashable {
  /// The kind of a mistake.
  public struct Code: Hashable, Sendable {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// Shapes, axes, attributes or the number of operands do not fit.
    public static let shape = Code("shape")
    /// An element type does not fit.
    public static let dtype = Code("dtype")
    /// A value of another builder is used.
    public static let foreignValue = Code("foreignValue")
    /// A name is declared twice.
    public static let duplicateName = Code("duplicateName")
    /// A name is empty or holds a character that names must not have.
    public static let invalidName = Code("invalidName")
    /// A state is assigned twice.
    public static let assignedTwice = Code("assignedTwice")
    /// A state is needed and something else was given.
    public static let notState = Code("notState")
    /// A state's value after the step is used where only a value of this step can be.
    public static let afterStep = Code("afterStep")
    /// A derivative is asked for that does not exist.
    public static let notDifferentiable = Code("notDifferentiable")
    /// Cotangents are missing or do not fit the differentiated values.
    public static let cotangent = Code("cotangent")
    /// A gradient is read that was not asked for.
    public static let notRequested = Code("notRequested")
    /// A construction of many nodes, as a Jacobian of one product a row, is larger than its limit.
    public static let tooLarge = Code("tooLarge")
    /// The graph cannot be planned within the options given.
    public static let plan = Code("plan")
  }

  /// One mistake.
  public struct Issue: Sendable, Hashable {
    /// The kind.
    public let code: Code

    /// The operator or call at fault: `matmul`.
    public let subject: String

    /// What is wrong and how to mend it.
    public let message: String

    /// The types of the operands.
    public let operands: [TensorType]

    /// The name scope; empty outside any.
    public let scope: String

    /// The source line, `Model.swift:12`; for an operator such as `+`, the line of its latest operand.
    public let source: String

    /// An issue from its parts.
    public init(
      _ code: Code, subject: String, message: String, operands: [TensorType] = [], scope: String = "",
      source: String = ""
    ) {
      self.code = code
      self.subject = subject
      self.message = message
      self.operands = operands
      self.scope = scope
      self.source = source
    }
  }

  /// The mistakes in the order in which they were made; never empty.
  public let issues: [Issue]

  /// An error from its issues.
  public init(_ issues: [Issue]) { self.issues = issues }

  /// The kind of the first mistake.
  public var code: Code? { issues.first?.code }
}

extension GraphError.Issue: CustomStringConvertible {
  /// `Model.swift:12: matmul in tower/layer1: …`.
  public var description: String {
    (source.isEmpty ? "" : "\(source): ") + subject + (scope.isEmpty ? "" : " in \(scope)") + ": " + message
  }
}

extension GraphError: CustomStringConvertible {
  /// One line a mistake.
  public var description: String {
    let heading = issues.count == 1 ? "the graph has a mistake" : "the graph has \(issues.count) mistakes"
    return ([heading] + issues.map { "  \($0)" }).joined(separator: "\n")
  }
}
