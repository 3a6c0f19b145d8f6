#if canImport(Glibc)
  internal import Glibc
#endif

/// The bytes of one tensor, 64-byte aligned, freed with the last reference.
///
/// SAFETY: `@unchecked Sendable` since the bytes are written only while the storage has one owner: by its initializer's
/// caller before it is shared, or by `Tensor`'s mutation after it has checked for uniqueness or made a copy.
public final class TensorStorage: @unchecked Sendable {
  /// The address of the first byte.
  public let baseAddress: UnsafeMutableRawPointer

  /// The number of bytes.
  public let byteCount: Int

  /// Zeroed or uninitialised bytes.
  public init(byteCount: Int, zeroed: Bool = true) {
    let rounded = (Swift.max(byteCount, 1) + 63) & ~63
    baseAddress = UnsafeMutableRawPointer.allocate(byteCount: rounded, alignment: 64)
    self.byteCount = byteCount
    if zeroed { memset(baseAddress, 0, rounded) }
  }

  deinit { baseAddress.deallocate() }
}
