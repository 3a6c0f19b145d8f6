/// Copies from several inputs into one output, for kernels with any number of inputs.
///
/// SAFETY: `@unchecked Sendable` since the items are written by the initializer only and freed with the last
/// reference; runs read them.
final class StridedCopyList: @unchecked Sendable {
  /// A copy from one of the inputs.
  struct Item: BitwiseCopyable {
    let input: Int
    let copy: StridedCopy
  }

  private let items: UnsafeMutableBufferPointer<Item>

  init(_ items: [Item]) {
    self.items = .allocate(capacity: items.count)
    _ = self.items.initialize(from: items)
  }

  deinit { items.deallocate() }

  /// Runs all copies.
  func run(_ arguments: KernelArguments, output: Int) {
    for index in items.indices {
      items[index].copy(from: arguments.pointers[items[index].input], to: arguments.pointers[output])
    }
  }
}
