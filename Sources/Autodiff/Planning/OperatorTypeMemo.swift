internal import TributaryOps

/// Whether something holds for an operator's Swift type, asked once for each type.
///
/// To ask the runtime whether a type conforms to a protocol takes longer than all else that a phase of planning does with
/// a node.
struct OperatorTypeMemo {
  private let test: (any Operator) -> Bool
  private var known: [ObjectIdentifier: Bool] = [:]

  /// Remembers a test whose answer depends on the type alone.
  init(_ test: @escaping (any Operator) -> Bool) { self.test = test }

  /// The test's answer for an operator's type.
  mutating func holds(for applied: any Operator) -> Bool {
    let kind = ObjectIdentifier(type(of: applied))
    if let answer = known[kind] { return answer }
    let answer = test(applied)
    known[kind] = answer
    return answer
  }
}
