internal import CKernels

/// A region of a value whose elements are normalised along one axis: nested loops around a box of rows.
///
/// The axis lies wholly in the region. Neighbouring axes are merged, so that nearly every region is one box.
struct RowLoops: Sendable, BitwiseCopyable {
  /// The rows that one call of the kernel takes.
  private(set) var box = ck_softmax_box()

  // The loops around the box, innermost first, and where the first box lies, in elements.
  private var offset: Int
  private var depth = 0
  private var repetitions = 1
  private var lengths = SIMD8<Int>(repeating: 1)
  private var strides = SIMD8<Int>(repeating: 0)

  init(_ shape: Shape, axis: Int, region: Region) {
    let own = shape.strides
    offset = region.offset(strides: own)
    var outer = RowLoops.merged(0..<axis, region, own)
    var inner = RowLoops.merged(axis + 1..<shape.rank, region, own)
    box.length = region[axis].count
    box.stride = own[axis]
    let columns = inner.popLast() ?? (count: 1, stride: 1)
    if columns.stride == 1 {
      box.columns = columns.count
    } else {
      // A single column of a wider value.
      inner.append(columns)
      box.columns = 1
    }
    let rows = outer.popLast() ?? (count: 1, stride: 0)
    box.rows = rows.count
    box.row_stride = rows.stride
    for loop in (outer + inner).reversed() {
      lengths[depth] = loop.count
      strides[depth] = loop.stride
      repetitions *= loop.count
      depth += 1
    }
  }

  private static func merged(
    _ axes: Range<Int>, _ region: Region, _ strides: [Int]
  ) -> [(count: Int, stride: Int)] {
    var loops: [(count: Int, stride: Int)] = []
    for axis in axes where region[axis].count != 1 {
      let next = (count: region[axis].count, stride: strides[axis])
      if let last = loops.last, last.stride == next.count * next.stride {
        loops[loops.count - 1] = (count: last.count * next.count, stride: next.stride)
      } else {
        loops.append(next)
      }
    }
    return loops
  }

  /// Calls `body` with the offset of every box, in elements.
  @inline(__always)
  func forEachBox(_ body: (_ box: UnsafePointer<ck_softmax_box>, _ offset: Int) -> Void) {
    withUnsafePointer(to: box) { box in
      var place = offset
      var position = SIMD8<Int>(repeating: 0)
      for _ in 0..<repetitions {
        body(box, place)
        for loop in 0..<depth {
          position[loop] += 1
          place += strides[loop]
          guard position[loop] == lengths[loop] else { break }
          place -= strides[loop] * lengths[loop]
          position[loop] = 0
        }
      }
    }
  }
}
