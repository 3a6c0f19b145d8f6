/// Why an operator cannot be applied to its inputs. Says what is wrong with which input, and how to mend it.
public struct ShapeError: Error, Sendable, Hashable {
  /// The kind of mistake.
  public struct Code: Hashable, Sendable {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// The number of inputs is not what the operator takes.
    public static let arity = Code("arity")
    /// An input has the wrong number of axes.
    public static let rank = Code("rank")
    /// An axis has a length that does not fit.
    public static let dimension = Code("dimension")
    /// An axis is named that does not exist, or twice.
    public static let axis = Code("axis")
    /// An input has an element type that the operator does not take.
    public static let dtype = Code("dtype")
    /// An attribute has an impossible value.
    public static let attribute = Code("attribute")
    /// A size does not fit into an `Int`.
    public static let overflow = Code("overflow")
  }

  /// The kind of mistake.
  public let code: Code

  /// What is wrong, in a sentence.
  public let message: String

  /// An error of a kind, with its sentence.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension ShapeError: CustomStringConvertible {
  /// The sentence.
  public var description: String { message }
}
