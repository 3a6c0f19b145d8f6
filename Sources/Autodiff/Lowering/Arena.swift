/// A run of bytes, 64-byte aligned, that a run keeps its values in.
///
/// A plain handle, so that taking and giving one counts no references: the bytes live until ``deallocate()``.
///
/// SAFETY: `@unchecked Sendable` since an arena is used by one run at a time: the pool hands it to one taker and gets it
/// back, under its lock, before another takes it. The pool frees it, as its only owner.
struct Arena: @unchecked Sendable {
  /// The first byte.
  let base: UnsafeMutableRawPointer
  /// The number of bytes.
  let byteCount: Int

  /// Allocates bytes, whose contents are undefined.
  init(byteCount: Int) {
    // Whole pages, so that neighbours do not share one; small ones share no line.
    let unit = byteCount >= 1 << 17 ? 4096 : 128
    self.byteCount = (max(byteCount, 1) + unit - 1) / unit * unit
    base = LargeMemory.allocate(byteCount: self.byteCount, alignment: unit)
  }

  /// Frees the bytes; nobody may use the arena from now on.
  func deallocate() { base.deallocate() }

  /// Fills the arena with signalling NaNs of both widths, to make every read of what was not written show.
  func poison() {
    // Read as f64 and as f32, in either half, this is a signalling NaN.
    base.bindMemory(to: UInt64.self, capacity: byteCount / 8)
      .update(repeating: 0x7ff0_dead_7fa0_dead, count: byteCount / 8)
  }
}
