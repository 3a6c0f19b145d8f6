internal import CKernels

/// A copy between two strided boxes of elements, prepared once and run without allocation.
///
/// All operators that only move data are made of these: a transpose is a copy whose source strides are permuted, a
/// fill one whose source strides are zero.
struct StridedCopy: Sendable, BitwiseCopyable {
  private var plan: ck_copy_plan

  /// A copy of a box of the given lengths. Strides and offsets are in elements of `dtype`.
  init(
    _ dtype: DType, lengths: Shape, from sourceOffset: Int, sourceStrides: [Int], to targetOffset: Int,
    targetStrides: [Int]
  ) {
    plan = ck_copy_plan()
    ck_copy_plan_make(
      &plan, Int32(dtype.byteCount), Int32(lengths.rank), lengths.map(Int64.init), Int64(sourceOffset),
      sourceStrides.map(Int64.init), Int64(targetOffset), targetStrides.map(Int64.init))
  }

  /// The copy of a region of a value to the same region of another value of its shape.
  init(_ dtype: DType, region: Region, of shape: Shape) {
    let strides = shape.strides
    let offset = region.offset(strides: strides)
    self.init(
      dtype, lengths: region.shape, from: offset, sourceStrides: strides, to: offset, targetStrides: strides)
  }

  /// The fill of a region of a value with one element, the first of the source.
  init(_ dtype: DType, filling region: Region, of shape: Shape) {
    let strides = shape.strides
    let offset = region.offset(strides: strides)
    self.init(
      dtype, lengths: region.shape, from: 0, sourceStrides: strides.map { _ in 0 }, to: offset,
      targetStrides: strides)
  }

  /// Copies.
  func callAsFunction(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
    withUnsafePointer(to: plan) { ck_copy_run($0, target, source) }
  }

  /// Fills with zeros; for a copy made to fill.
  func fillZero(_ target: UnsafeMutableRawPointer) {
    withUnsafePointer(to: UInt64(0)) { self(from: $0, to: target) }
  }
}
