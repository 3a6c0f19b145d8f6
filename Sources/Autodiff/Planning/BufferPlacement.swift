/// Places buffers of known lives by size: the largest first, each in the lowest gap that is free all its life.
///
/// Best fit by time leaves holes that large buffers which come later do not fit; by size, small buffers fill the holes
/// between large ones, and the arena is mostly as small as the bytes alive at the worst moment (Y. Pisarchyk and J. Lee,
/// "Efficient Memory Management for Deep Neural Net Inference", 2020).
struct BufferPlacement {
  /// The most buffers that are placed by size: it takes time quadratic in them.
  static let maximumCount = 1024

  /// The offset of each buffer.
  private(set) var offset: [Int]
  /// The bytes of the arena.
  private(set) var arenaBytes = 0

  private struct Placed {
    var offset: Int
    var end: Int
    var buffer: Int
  }

  /// Places buffers; nil where they are too many. O(buffers²).
  init?(_ buffers: [Liveness.Buffer], alignment: Int) {
    guard buffers.count <= BufferPlacement.maximumCount else { return nil }
    offset = Array(repeating: 0, count: buffers.count)
    let bySize = buffers.indices.filter { buffers[$0].byteCount > 0 }.sorted {
      (buffers[$1].byteCount, $0) < (buffers[$0].byteCount, $1)
    }
    // Those placed so far, by offset.
    var placed: [Placed] = []
    for buffer in bySize {
      let it = buffers[buffer]
      let size = (it.byteCount + alignment - 1) / alignment * alignment
      var start = 0
      for other in placed where buffers[other.buffer].start < it.end && it.start < buffers[other.buffer].end {
        if other.offset >= start + size { break }
        start = max(start, other.end)
      }
      let place = placed.firstIndex { $0.offset > start } ?? placed.count
      placed.insert(Placed(offset: start, end: start + size, buffer: buffer), at: place)
      offset[buffer] = start
      arenaBytes = max(arenaBytes, start + size)
    }
  }
}
