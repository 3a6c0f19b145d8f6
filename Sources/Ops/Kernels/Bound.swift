/// What a kernel is bound to, in memory that C reads in place.
///
/// SAFETY: `@unchecked Sendable` since the value is written by the initializer only and freed with the last reference; kernels
/// read it.
final class Bound<Value: BitwiseCopyable>: @unchecked Sendable {
  /// Where the value lies.
  let pointer: UnsafePointer<Value>

  /// A copy of the value.
  init(_ value: Value) {
    let memory = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    memory.initialize(to: value)
    pointer = UnsafePointer(memory)
  }

  deinit { pointer.deallocate() }
}
