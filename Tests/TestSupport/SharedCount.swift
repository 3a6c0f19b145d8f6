internal import Synchronization

/// A count that closures may share.
public final class SharedCount: Sendable {
  private let count = Atomic<Int>(0)

  /// No counts yet.
  public init() {}

  // ORDERING: sequentially consistent for tests that read the count while others still count; counting publishes nothing.
  /// What was counted up to now.
  public var value: Int { count.load(ordering: .sequentiallyConsistent) }

  /// Counts up and returns the new value.
  @discardableResult public func add(_ amount: Int = 1) -> Int {
    count.wrappingAdd(amount, ordering: .relaxed).newValue
  }

  /// Counts down by one.
  public func remove() { count.wrappingSubtract(1, ordering: .relaxed) }

  // ORDERING: as `value`.
  /// Begins again at 0.
  public func reset() { count.store(0, ordering: .sequentiallyConsistent) }
}
