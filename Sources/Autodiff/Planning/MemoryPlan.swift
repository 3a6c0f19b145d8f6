/// Where every buffer is in the arena, and the orders between tasks that sharing bytes asks for.
///
/// Tasks are looked at in the order of their starts in the reference schedule. A buffer is allocated, best fit, when its
/// first task starts, and its bytes are free again when its last task has ended; where buffers are few and that saves much, or
/// bytes are what counts, they are placed by size (``BufferPlacement``), which asks for more orders. So two buffers share bytes only if
/// in that schedule everything that touches the first has ended before anything that touches the second starts. The
/// real run has another schedule: the last tasks of the first must then precede the first of the second, and where the
/// graph does not imply it, this becomes a *memory edge*. Every edge of a task graph made so, data or memory, leads
/// from an earlier end to a later start of one schedule, so there is no circle.
struct MemoryPlan: Sendable {
  /// The alignment of every buffer, in bytes.
  static let alignment = 64

  /// The offset of each buffer.
  private(set) var offset: [Int]
  /// The bytes of the arena.
  private(set) var arenaBytes = 0
  /// For each task, the tasks that must also precede it.
  private(set) var memoryPredecessors: [[Int32]]
  /// The number of those orders.
  private(set) var memoryEdgeCount = 0

  /// A free run of bytes.
  private struct Block {
    var offset: Int
    var byteCount: Int
    var end: Int { offset + byteCount }
  }

  /// Who used a run of bytes last.
  private struct Occupied {
    var offset: Int
    var end: Int
    var buffer: Int
  }

  private var free: [Block] = []
  private var occupied: [Occupied] = []

  /// By size a value shares bytes with whatever fits, not with what has just ended, and the orders that come of it keep
  /// tasks apart. So many bytes, and such a part of the arena, are worth that.
  private static let worthwhileSaving = (bytes: 1 << 20, part: 16)

  /// Places buffers by time or by size. Near-linear: O(buffers · free blocks + edges · chains), and O(buffers²) where they
  /// are few.
  /// - Parameter savesBytes: Whether the smaller arena is taken whatever it asks for.
  init(_ liveness: Liveness, _ tasks: Clusters, _ schedule: ReferenceSchedule, savesBytes: Bool) {
    let buffers = liveness.buffers
    offset = Array(repeating: 0, count: buffers.count)
    memoryPredecessors = Array(repeating: [], count: tasks.count)
    let byStart = buffers.indices.filter { buffers[$0].byteCount > 0 }.sorted {
      let a = buffers[$0]
      let b = buffers[$1]
      return a.start != b.start ? a.start < b.start : (b.byteCount, $0) < (a.byteCount, $1)
    }
    placeByTime(buffers, byStart)
    if let bySize = BufferPlacement(buffers, alignment: MemoryPlan.alignment) {
      let worthwhile = max(MemoryPlan.worthwhileSaving.bytes, arenaBytes / MemoryPlan.worthwhileSaving.part)
      if arenaBytes - bySize.arenaBytes >= (savesBytes ? 1 : worthwhile) {
        (offset, arenaBytes) = (bySize.offset, bySize.arenaBytes)
      }
    }
    order(liveness, byStart, tasks, schedule)
    free = []
    occupied = []
  }

  /// Allocates each buffer when its first task starts.
  private mutating func placeByTime(_ buffers: [Liveness.Buffer], _ byStart: [Int]) {
    let byEnd = byStart.sorted { (buffers[$0].end, $0) < (buffers[$1].end, $1) }
    var nextEnd = 0
    for buffer in byStart {
      while nextEnd < byEnd.count, buffers[byEnd[nextEnd]].end <= buffers[buffer].start {
        release(offset[byEnd[nextEnd]], buffers[byEnd[nextEnd]].byteCount)
        nextEnd += 1
      }
      offset[buffer] = allocate(buffers[buffer].byteCount)
    }
  }

  /// Finds the orders that the shared bytes and the overwriting in place ask for, and that the graph does not imply.
  private mutating func order(
    _ liveness: Liveness, _ byStart: [Int], _ tasks: Clusters, _ schedule: ReferenceSchedule
  ) {
    let buffers = liveness.buffers
    var pending = [[Int32]](repeating: [], count: tasks.count)
    for edge in liveness.edges { pending[Int(edge.after)].append(edge.before) }
    var place = [Int](repeating: 0, count: tasks.count)
    for (index, task) in schedule.order.enumerated() { place[task] = index }
    var order = TaskOrder(count: tasks.count)
    var nextStart = 0
    for task in schedule.order {
      while nextStart < byStart.count, buffers[byStart[nextStart]].start <= schedule.start[task] {
        let buffer = byStart[nextStart]
        nextStart += 1
        for former in occupy(offset[buffer], buffers[buffer].byteCount, by: buffer) {
          for writer in buffers[buffer].writers {
            pending[Int(writer)].append(contentsOf: buffers[former].touchers)
          }
        }
      }
      for predecessor in tasks.predecessors(of: task) { order.add(Int(predecessor), to: task) }
      // The latest first: it implies most of the others.
      for before in pending[task].sorted(by: { place[Int($0)] > place[Int($1)] }) {
        guard !order.precedes(Int(before), task), memoryPredecessors[task].last != before else { continue }
        order.add(Int(before), to: task)
        memoryPredecessors[task].append(before)
        memoryEdgeCount += 1
      }
      pending[task] = []
      order.close(task)
    }
  }

  private static func rounded(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }

  /// The smallest free block that is large enough, else the end of the arena.
  private mutating func allocate(_ byteCount: Int) -> Int {
    let size = MemoryPlan.rounded(byteCount)
    var best = -1
    for index in free.indices where free[index].byteCount >= size {
      if best < 0 || free[index].byteCount < free[best].byteCount { best = index }
      if free[index].byteCount == size { break }
    }
    if best >= 0 {
      let found = free[best].offset
      if free[best].byteCount == size {
        free.remove(at: best)
      } else {
        free[best].offset += size
        free[best].byteCount -= size
      }
      return found
    }
    if let last = free.last, last.end == arenaBytes {
      free.removeLast()
      arenaBytes = last.offset + size
      return last.offset
    }
    arenaBytes += size
    return arenaBytes - size
  }

  private mutating func release(_ offset: Int, _ byteCount: Int) {
    let size = MemoryPlan.rounded(byteCount)
    var low = 0
    var high = free.count
    while low < high {
      let middle = (low + high) / 2
      if free[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    let joinsLast = low > 0 && free[low - 1].end == offset
    let joinsNext = low < free.count && free[low].offset == offset + size
    switch (joinsLast, joinsNext) {
    case (true, true):
      free[low - 1].byteCount += size + free[low].byteCount
      free.remove(at: low)
    case (true, false): free[low - 1].byteCount += size
    case (false, true):
      free[low].offset = offset
      free[low].byteCount += size
    case (false, false): free.insert(Block(offset: offset, byteCount: size), at: low)
    }
  }

  /// Notes that a buffer uses a run of bytes from now on; the buffers that used parts of it before.
  private mutating func occupy(_ offset: Int, _ byteCount: Int, by buffer: Int) -> [Int] {
    let end = offset + MemoryPlan.rounded(byteCount)
    var low = 0
    var high = occupied.count
    while low < high {
      let middle = (low + high) / 2
      if occupied[middle].end <= offset { low = middle + 1 } else { high = middle }
    }
    var last = low
    var former: [Int] = []
    var replacement: [Occupied] = []
    while last < occupied.count, occupied[last].offset < end {
      let it = occupied[last]
      if !former.contains(it.buffer) { former.append(it.buffer) }
      if it.offset < offset {
        replacement.append(Occupied(offset: it.offset, end: offset, buffer: it.buffer))
      }
      if it.end > end { replacement.append(Occupied(offset: end, end: it.end, buffer: it.buffer)) }
      last += 1
    }
    let own = Occupied(offset: offset, end: end, buffer: buffer)
    replacement.insert(own, at: replacement.first.map { $0.offset < offset } == true ? 1 : 0)
    occupied.replaceSubrange(low..<last, with: replacement)
    return former
  }
}
