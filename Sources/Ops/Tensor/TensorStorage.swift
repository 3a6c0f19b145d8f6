#if canImport(Glibc)
  internal import Glibc
#endif

/// The bytes of one tensor, 64-byte aligned, freed with the last reference; or bytes of somebody else, who is kept alive
/// until then.
///
/// SAFETY: `@unchecked Sendable` since the bytes are written only while the storage has one owner: by its initializer's
/// caller before it is shared, or by `Tensor`'s mutation after it has checked for uniqueness or made a copy. Borrowed
/// bytes are never written.
public final class TensorStorage: @unchecked Sendable {
  /// The address of the first byte.
  public let baseAddress: UnsafeMutableRawPointer

  /// The number of bytes.
  public let byteCount: Int

  /// The number of bytes allocated; of borrowed bytes, their number.
  package let allocatedByteCount: Int

  /// Who owns the bytes; nil when this storage does.
  private let owner: (any AnyObject & Sendable)?

  /// Whether the bytes are somebody else's and may only be read.
  var isBorrowed: Bool { owner != nil }

  /// Zeroed or uninitialised bytes.
  public init(byteCount: Int, zeroed: Bool = true) {
    let rounded = (Swift.max(byteCount, 1) + 63) & ~63
    baseAddress = UnsafeMutableRawPointer.allocate(byteCount: rounded, alignment: 64)
    self.byteCount = byteCount
    allocatedByteCount = rounded
    owner = nil
    if zeroed { memset(baseAddress, 0, rounded) }
  }

  /// Bytes of an owner, such as a file mapped into memory. They are never written, must not change while the owner lives,
  /// and are aligned to the elements that they hold.
  package init(borrowing bytes: UnsafeRawBufferPointer, of owner: any AnyObject & Sendable) {
    baseAddress = UnsafeMutableRawPointer(mutating: bytes.baseAddress!)
    byteCount = bytes.count
    allocatedByteCount = bytes.count
    self.owner = owner
  }

  deinit { if owner == nil { baseAddress.deallocate() } }
}
