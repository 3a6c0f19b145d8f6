/// What tells an operator from every other: its Swift type, its name and its attributes.
///
/// Operators of one identity compute the same bits from the same operands: nodes that apply them to equal inputs are computed
/// once, and uses of equal types share a kernel. Texts are compared, not the operators themselves: 0.0 and −0.0 are equal as
/// numbers, and fill a tensor with other bits.
public struct OperatorIdentity: Hashable, Sendable {
  private let type: ObjectIdentifier
  private let name: String
  private let attributes: [Attribute]

  /// The identity of an operator.
  public init(_ applied: any Operator) {
    type = ObjectIdentifier(Swift.type(of: applied))
    name = applied.name
    attributes = applied.attributes
  }
}
