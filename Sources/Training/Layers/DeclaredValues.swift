internal import Synchronization
internal import TributaryAutodiff

/// The value that stands for one thing in each builder that has met it. A builder lives as long as what it has met.
final class DeclaredValues: Sendable {
  private let values = Mutex<[Value]>([])

  /// The value in a builder, made by `declare` at the first call.
  func value(in builder: GraphBuilder, declare: () -> Value) -> Value {
    values.withLock { values in
      if let known = values.first(where: { $0.builder === builder }) { return known }
      let value = declare()
      values.append(value)
      return value
    }
  }
}
