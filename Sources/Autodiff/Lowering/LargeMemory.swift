#if canImport(Glibc)
  internal import Glibc
#endif

/// Memory for what tasks touch all the time: arenas and states.
///
/// From some megabytes on it asks the kernel for huge pages, which it gives where
/// `/sys/kernel/mm/transparent_hugepage/enabled` says `madvise` or `always`: a step of wide products then waits less for
/// the translation of addresses. Nothing is touched here, so with several NUMA nodes each page comes from the node of the
/// worker that writes it first.
enum LargeMemory {
  private static let hugePageBytes = 1 << 21
  private static let leastBytes = 1 << 22

  /// Allocates bytes, whose contents are undefined; to be freed by `deallocate()`.
  static func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer {
    guard byteCount >= leastBytes else {
      return .allocate(byteCount: byteCount, alignment: alignment)
    }
    let base = UnsafeMutableRawPointer.allocate(
      byteCount: byteCount, alignment: Swift.max(alignment, hugePageBytes))
    #if os(Linux)
      // Whole huge pages only, so that no more is resident than before. A wish: where it is refused, small pages do.
      _ = madvise(base, byteCount / hugePageBytes * hugePageBytes, MADV_HUGEPAGE)
    #endif
    return base
  }
}
