internal import TributaryOps

/// Bytes of memory by what they are for: those that a plan foretells (``Plan/memory(workers:)``), or those that were
/// allocated (``PreparedRun/memory``).
///
/// Tensors count with the 64 bytes that each is a multiple of.
public struct MemoryUse: Sendable, Hashable {
  /// What holds the values computed in a run, shared over time.
  public var arena = 0

  /// The states in the store.
  public var state = 0

  /// The tensors fed, those handed back and the constants.
  public var feeds = 0

  /// What kernels need while they run, for all workers, and the memory of the bodies of loops and branches.
  public var scratch = 0

  /// Nothing.
  public init() {}

  /// All of it.
  public var total: Int { arena + state + feeds + scratch }
}

extension MemoryUse: CustomStringConvertible {
  /// `70.4 MB: arena 34.6 MB, state 33.5 MB, feeds 2.1 MB, scratch 0.1 MB`.
  public var description: String { Plan.bytes(total) + ": " + parts(of: "") }

  /// The parts one after the other, with a remark on the arena.
  func parts(of values: String) -> String {
    "arena \(Plan.bytes(arena))\(values), state \(Plan.bytes(state)), feeds \(Plan.bytes(feeds)), "
      + "scratch \(Plan.bytes(scratch))"
  }
}

extension Sequence<TensorType> {
  /// The bytes of tensors of these types, each at a multiple of 64 bytes.
  var alignedByteCount: Int { reduce(0) { $0 + $1.alignedByteCount } }
}

extension TensorType {
  /// The bytes of a tensor up to the next multiple of 64.
  var alignedByteCount: Int { (byteCount + 63) / 64 * 64 }
}
