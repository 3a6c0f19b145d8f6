/// A graph of empty tasks by its edges: the scheduler shapes that `Benchmarks/Peers/workloads.md` defines and
/// `dag_tbb.cpp` beside it runs on another system, with the same pseudo-random edges.
struct SchedulerShape: Sendable {
  /// The name in rows.
  let name: String
  /// The tasks that follow each task.
  private(set) var successors: [[Int]]

  /// The number of tasks.
  var taskCount: Int { successors.count }

  private init(_ name: String, tasks: Int) {
    self.name = name
    successors = [[Int]](repeating: [], count: tasks)
  }

  /// The six shapes in their order.
  static let all: [SchedulerShape] = [
    chain(65_536), tree(levels: 16), wavefront(256),
    layered(layers: 256, width: 256, degree: 4, "layered-256x256x4"),
    SchedulerShape("independent-65536", tasks: 65_536), layered(layers: 10, width: 4, degree: 2, "small-40"),
  ]

  /// Each task before the next.
  static func chain(_ tasks: Int) -> SchedulerShape {
    var shape = SchedulerShape("chain-\(tasks)", tasks: tasks)
    for task in 0..<tasks - 1 { shape.successors[task] = [task + 1] }
    return shape
  }

  /// A complete binary tree from the root down.
  static func tree(levels: Int) -> SchedulerShape {
    let tasks = (1 << levels) - 1
    var shape = SchedulerShape("tree-\(tasks)", tasks: tasks)
    for task in 0..<tasks { shape.successors[task] = [2 * task + 1, 2 * task + 2].filter { $0 < tasks } }
    return shape
  }

  /// A square grid, each task before its lower and its right neighbour.
  static func wavefront(_ side: Int) -> SchedulerShape {
    var shape = SchedulerShape("wavefront-\(side)", tasks: side * side)
    for row in 0..<side {
      for column in 0..<side {
        let task = row * side + column
        if row + 1 < side { shape.successors[task].append(task + side) }
        if column + 1 < side { shape.successors[task].append(task + 1) }
      }
    }
    return shape
  }

  /// Layers, each task before up to `degree` random tasks of the next layer, by Marsaglia's xorshift64.
  static func layered(layers: Int, width: Int, degree: Int, _ name: String) -> SchedulerShape {
    var shape = SchedulerShape(name, tasks: layers * width)
    var state: UInt64 = 88_172_645_463_325_252
    func random() -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(width))
    }
    for task in 0..<(layers - 1) * width {
      for _ in 0..<degree {
        let next = (task / width + 1) * width + random()
        if !shape.successors[task].contains(next) { shape.successors[task].append(next) }
      }
    }
    return shape
  }
}
