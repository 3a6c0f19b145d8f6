/// Bytes that keep what lies before them and what lies after them on different cache lines.
///
/// 128 bytes: processors of both kinds fetch lines of 64 bytes in pairs.
struct CacheLinePadding {
  private let bytes: InlineArray<16, UInt64> = .init(repeating: 0)

  /// The alignment of memory that holds padded values.
  static let alignment = 128
}
