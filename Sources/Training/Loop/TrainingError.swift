/// Why training stopped or could not begin, and how to mend it.
public struct TrainingError: Error, Sendable, Hashable {
  /// The kind of mistake.
  public struct Code: Hashable, Sendable {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// The loss became NaN or infinite; the parameters are those before that step.
    public static let notFiniteLoss = Code("notFiniteLoss")
    /// The samples do not have the columns that the model is fed with.
    public static let columns = Code("columns")
    /// A checkpoint is of another model, or lacks something.
    public static let checkpoint = Code("checkpoint")
  }

  /// The kind of mistake.
  public let code: Code

  /// The step at which it showed, from 1 on, when it did at a step.
  public let step: Int?

  /// What is wrong and how to mend it, in a sentence.
  public let message: String

  /// An error of a kind.
  public init(_ code: Code, step: Int? = nil, message: String) {
    self.code = code
    self.step = step
    self.message = message
  }
}

extension TrainingError: CustomStringConvertible {
  /// The sentence.
  public var description: String { message }
}
