/// A copy whose places along each axis fall into segments, in each of which the source moves on or back by one.
///
/// Rolling and padding by reflection are made of these: nothing is computed, and every element is written once.
struct SegmentedCopy {
  /// A range of places along an axis of the target, and where it comes from.
  struct Segment {
    /// The places.
    let target: Range<Int>

    /// The source index of the first of them.
    let source: Int

    /// 1, or -1 where the source is read backwards.
    let step: Int

    init(_ target: Range<Int>, from source: Int, step: Int = 1) {
      self.target = target
      self.source = source
      self.step = step
    }

    /// The part of a segment within a range; nil when there is none.
    func clipped(to range: Range<Int>) -> Segment? {
      let shared = target.clamped(to: range)
      guard !shared.isEmpty else { return nil }
      return Segment(shared, from: source + (shared.lowerBound - target.lowerBound) * step, step: step)
    }

    /// The source indices that are read.
    var sources: Range<Int> {
      step > 0 ? source..<source + target.count : source - target.count + 1..<source + 1
    }
  }

  /// The segments of every axis; those of one axis cover it.
  let axes: [[Segment]]

  /// The least range of source indices along each axis that holds what a region of the target needs.
  func sources(of region: Region) -> Region {
    var result = region
    for axis in axes.indices {
      let parts = axes[axis].compactMap { $0.clipped(to: region[axis])?.sources }
      let lower = parts.map(\.lowerBound).min() ?? 0
      result[axis] = lower..<(parts.map(\.upperBound).max() ?? lower)
    }
    return result
  }

  /// The kernel that copies input 0 to a region of the output, a box for every combination of segments.
  func kernel(_ signature: Signature, region: Region) -> Kernel {
    let dtype = signature.outputs[0].dtype
    let sourceStrides = signature.inputs[0].shape.strides
    let targetStrides = signature.outputs[0].shape.strides
    var boxes: [[Segment]] = [[]]
    for axis in axes.indices {
      let parts = axes[axis].compactMap { $0.clipped(to: region[axis]) }
      boxes = boxes.flatMap { box in parts.map { box + [$0] } }
    }
    let copies = boxes.map { box in
      let from = box.indices.reduce(0) { $0 + box[$1].source * sourceStrides[$1] }
      let to = box.indices.reduce(0) { $0 + box[$1].target.lowerBound * targetStrides[$1] }
      let copy = StridedCopy(
        dtype, lengths: Shape(box.map(\.target.count)), from: from,
        sourceStrides: box.indices.map { sourceStrides[$0] * box[$0].step }, to: to,
        targetStrides: targetStrides)
      return StridedCopyList.Item(input: 0, copy: copy)
    }
    let list = StridedCopyList(copies)
    return Kernel { arguments in
      list.run(arguments, output: 1)
      return .success
    }
  }
}
