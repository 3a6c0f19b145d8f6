import Synchronization
import TributaryOps

/// Copies its first input; before that it calls back. May overwrite nothing and be cut nowhere.
struct Callback: Operator {
  /// Whether the plan must expect it to fault.
  var canFault = false
  /// What it does; false makes it end with a library failure.
  var action: @Sendable () -> Bool

  /// Tells it from others, which may do something else.
  private let number = Callback.made.next()
  private static let made = Counter()

  /// An operator that calls back.
  init(canFault: Bool = false, action: @escaping @Sendable () -> Bool) {
    self.canFault = canFault
    self.action = action
  }

  var name: String { "callback" }

  var attributes: [Attribute] { [Attribute("number", number)] }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] { [inputs[0]] }

  func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 1e6) }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let count = signature.outputs[0].byteCount
    let output = signature.inputs.count
    let action = action
    return Kernel { arguments in
      guard action() else { return KernelStatus(.libraryFailure, detail: 7) }
      arguments.pointers[output].copyMemory(from: arguments.pointers[0], byteCount: count)
      return .success
    }
  }
}

/// A number that several threads count up.
final class Counter: Sendable {
  private let value = Atomic(0)

  /// Adds one; the number before.
  @discardableResult
  func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }

  /// The number now.
  var count: Int { value.load(ordering: .relaxed) }
}
