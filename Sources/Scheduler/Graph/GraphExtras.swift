/// What only some graphs have, beside their tables: branches of conditions and semaphores. In raw memory that the graph owns.
struct GraphExtras: ~Copyable {
  /// For each entry of the successor list the branches that lead along it, one bit each; `anyChoice` for an edge that is no
  /// branch. Nil without conditions.
  let branches: UnsafeMutablePointer<UInt64>?
  /// The semaphores, by identity.
  let semaphores: [TaskSemaphore]
  /// The semaphores of task t, ascending: `unitIndices[unitBegins[t]..<unitBegins[t + 1]]`, as positions in `semaphores`.
  private let unitBegins: UnsafeMutablePointer<UInt32>
  let unitIndices: UnsafeMutablePointer<UInt32>
  /// Whether any task has semaphores.
  let hasSemaphores: Bool

  /// The bits of an edge that is no branch.
  static let anyChoice = UInt64.max
  /// The bit of "no branch", which only edges that are none have.
  static let noChoice: UInt64 = 63

  init(branches: [UInt64]?, limits: [Int: [TaskSemaphore]], taskCount: Int) {
    self.branches = branches.map { GraphExtras.table($0) }
    var byIdentity: [UInt64: TaskSemaphore] = [:]
    for semaphore in limits.values.joined() { byIdentity[semaphore.identity] = semaphore }
    semaphores = byIdentity.values.sorted { $0.identity < $1.identity }
    let positions = Dictionary(
      uniqueKeysWithValues: semaphores.enumerated().map { ($1.identity, UInt32($0)) })
    var begins: [UInt32] = [0]
    var indices: [UInt32] = []
    for task in 0..<taskCount {
      indices += Set((limits[task] ?? []).compactMap { positions[$0.identity] }).sorted()
      begins.append(UInt32(indices.count))
    }
    unitBegins = GraphExtras.table(begins)
    unitIndices = GraphExtras.table(indices)
    hasSemaphores = !semaphores.isEmpty
  }

  private static func table<Element>(_ values: [Element]) -> UnsafeMutablePointer<Element> {
    let table = UnsafeMutablePointer<Element>.allocate(capacity: max(1, values.count))
    for (position, value) in values.enumerated() { (table + position).initialize(to: value) }
    return table
  }

  /// The range of a task's semaphores in `unitIndices`.
  func units(of task: UInt32) -> (begin: Int, end: Int) {
    (Int(unitBegins[Int(task)]), Int(unitBegins[Int(task) + 1]))
  }

  deinit {
    branches?.deallocate()
    unitBegins.deallocate()
    unitIndices.deallocate()
  }
}
