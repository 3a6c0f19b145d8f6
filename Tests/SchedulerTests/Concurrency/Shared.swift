import Synchronization

/// A count that closures may share.
final class SharedCount: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .sequentiallyConsistent) }
  @discardableResult func add(_ amount: Int = 1) -> Int {
    count.wrappingAdd(amount, ordering: .relaxed).newValue
  }
  func remove() { count.wrappingSubtract(1, ordering: .relaxed) }
  func reset() { count.store(0, ordering: .sequentiallyConsistent) }
}

/// A flag that closures may share.
final class SharedFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  var isSet: Bool { flag.load(ordering: .sequentiallyConsistent) }
  func set(_ value: Bool) { flag.store(value, ordering: .sequentiallyConsistent) }
}

/// A text that closures may share.
final class SharedText: Sendable {
  private let text = Mutex("")
  var value: String { text.withLock { $0 } }
  func set(_ value: String) { text.withLock { $0 = value } }
}
