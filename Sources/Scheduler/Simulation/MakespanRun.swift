/// A run played event by event: the state of every worker and deque. Times are picoseconds.
struct MakespanRun {
  private let tables: GraphTables
  private let times: [UInt64]
  private let placement: Placement
  private let costs: Costs
  private let count: Int

  /// What the next event of each worker is, in a heap by time, then by worker.
  private var events = EventHeap()
  private var now: UInt64 = 0
  /// Whether never yet two tasks were ready, so that the first worker is alone.
  private var isSolo = true
  private var waiting: [Int32]
  private var cursor = 0
  private var deques: [Tasks]
  /// Tasks in deques.
  private var queued = 0
  private var running: [UInt32]
  /// Workers that look for work, the latest last, each with the time at which it gives up.
  private var searching: [(worker: Int, until: UInt64)] = []
  private var firstSearching = 0
  /// Workers on their way from sleep.
  private var waking = 0
  /// The worker to wake next is the last.
  private var asleep: [Int]
  /// For each worker that ever stole: the others, nearest first.
  private var victims: [[Int]]

  private var timeline: [[MakespanPrediction.Interval]]
  private var end: UInt64 = 0
  private var steals = 0
  private var wakes = 0

  private static let none = WorkStealingDeque.none

  /// The overheads in picoseconds.
  private struct Costs {
    let task, steal, acrossL3, acrossNode, acrossPackage, wake, spin: UInt64

    init(_ overheads: MakespanSimulator.Overheads) {
      task = overheads.task.picoseconds
      steal = overheads.steal.picoseconds
      acrossL3 = overheads.acrossL3.picoseconds
      acrossNode = overheads.acrossNode.picoseconds
      acrossPackage = overheads.acrossPackage.picoseconds
      wake = overheads.wake.picoseconds
      spin = overheads.spin.picoseconds
    }
  }

  /// A deque: the owner's end is the last, thieves take at `first`.
  private struct Tasks {
    var tasks: [UInt32] = []
    var first = 0

    var isEmpty: Bool { first == tasks.count }

    mutating func pop() -> UInt32? {
      if isEmpty { return nil }
      let task = tasks.removeLast()
      if isEmpty { clear() }
      return task
    }

    mutating func steal() -> UInt32? {
      if isEmpty { return nil }
      first += 1
      let task = tasks[first - 1]
      if isEmpty { clear() }
      return task
    }

    private mutating func clear() {
      tasks.removeAll(keepingCapacity: true)
      first = 0
    }
  }

  init(
    _ tables: GraphTables, times: [UInt64], placement: Placement, overheads: MakespanSimulator.Overheads
  ) {
    self.tables = tables
    self.times = times
    self.placement = placement
    costs = Costs(overheads)
    count = placement.workerCount
    waiting = (0..<tables.taskCount).map { tables.records[$0].dependencies }
    deques = Array(repeating: Tasks(), count: count)
    running = Array(repeating: MakespanRun.none, count: count)
    asleep = Array((1..<max(1, count)).reversed())
    victims = Array(repeating: [], count: count)
    timeline = Array(repeating: [], count: count)
  }

  /// Plays the run to its end.
  mutating func play() {
    if tables.rootCount > 0 {
      cursor = 1
      begin(tables.roots[0], on: 0, after: 0)
      openIfWorthwhile()
    }
    while let event = events.popFirst() {
      now = event.time
      giveUp()
      let task = running[event.worker]
      if task == MakespanRun.none {
        arrive(event.worker)
      } else {
        running[event.worker] = MakespanRun.none
        let next = release(task, on: event.worker)
        if next != MakespanRun.none { begin(next, on: event.worker, after: 0) } else { goOn(event.worker) }
      }
      serveSearching()
    }
  }

  /// The outcome.
  func prediction(criticalPath: UInt64) -> MakespanPrediction {
    let work = times.reduce(UInt64(0)) { $0.addingClamped($1) }
    return MakespanPrediction(
      workers: count, seconds: Double(end) / 1e12, workSeconds: Double(work) / 1e12,
      criticalPathSeconds: Double(criticalPath) / 1e12, steals: steals, wakes: wakes, timeline: timeline)
  }

  private var hasWork: Bool { queued > 0 || cursor < tables.rootCount }

  /// Starts a task at once, or after what it took to get it.
  private mutating func begin(_ task: UInt32, on worker: Int, after delay: UInt64) {
    let start = now.addingClamped(delay).addingClamped(costs.task)
    let stop = start.addingClamped(times[Int(task)])
    running[worker] = task
    end = max(end, stop)
    timeline[worker].append(
      MakespanPrediction.Interval(
        task: TaskID(Int(task)), begin: Double(start) / 1e12, end: Double(stop) / 1e12))
    events.insert(EventHeap.Event(time: stop, worker: worker))
  }

  /// What a worker does that has no task of its own at hand: pop, take roots, steal, else look for work.
  ///
  /// - Returns: whether it has a task now.
  @discardableResult
  private mutating func goOn(_ worker: Int) -> Bool {
    if let task = take(worker) {
      begin(task.task, on: worker, after: task.delay)
      return true
    }
    searching.append((worker, now.addingClamped(costs.spin)))
    return false
  }

  private mutating func take(_ worker: Int) -> (task: UInt32, delay: UInt64)? {
    if let task = deques[worker].pop() {
      queued -= 1
      return (task, 0)
    }
    if let task = takeRoots(worker) { return (task, 0) }
    if queued == 0 { return nil }
    if victims[worker].isEmpty { victims[worker] = placement.stealOrder(of: worker) }
    for victim in victims[worker] {
      guard let task = deques[victim].steal() else { continue }
      queued -= 1
      steals += 1
      return (task, costs.steal.addingClamped(distance(worker, victim)))
    }
    return nil
  }

  /// As `Worker.takeRoots`: a few of the roots left; the first is kept, the others are pushed by falling rank from both ends.
  private mutating func takeRoots(_ worker: Int) -> UInt32? {
    let left = tables.rootCount - cursor
    if left == 0 { return nil }
    let first = cursor
    cursor += count == 1 ? 1 : max(1, min(32, left / (4 * count)))
    let others = Array(first + 1..<cursor)
    for position in stride(from: 0, to: others.count, by: 2) {
      push(tables.roots[others[position]], on: worker)
    }
    for position in (0..<others.count).reversed() where position % 2 == 1 {
      push(tables.roots[others[position]], on: worker)
    }
    return tables.roots[first]
  }

  private mutating func push(_ task: UInt32, on worker: Int) {
    deques[worker].tasks.append(task)
    queued += 1
  }

  /// As `Worker.runSolo` with sharing from the first moment: the run opens when a second task is ready. Until then the first
  /// successor in program order goes first.
  private mutating func releaseSolo(_ task: UInt32, on worker: Int) -> UInt32 {
    for entry in stride(
      from: Int(tables.records[Int(task)].successorsEnd) - 1,
      through: Int(tables.records[Int(task)].successorsBegin), by: -1)
    {
      let successor = tables.successors[entry] & ~GraphTables.soleBit
      waiting[Int(successor)] -= 1
      if waiting[Int(successor)] == 0 { push(successor, on: worker) }
    }
    guard let next = deques[worker].pop() else { return MakespanRun.none }
    queued -= 1
    openIfWorthwhile()
    return next
  }

  private mutating func openIfWorthwhile() {
    isSolo = !hasWork
    wakeOthers()
  }

  /// As `Worker.release`: counts successors down, keeps the ready one of highest rank and pushes the others, the next best
  /// where thieves take it.
  private mutating func release(_ task: UInt32, on worker: Int) -> UInt32 {
    if isSolo { return releaseSolo(task, on: worker) }
    var best = MakespanRun.none
    let floor = deques[worker].tasks.count
    let before = queued
    for entry in Int(tables.records[Int(task)].successorsBegin)..<Int(tables.records[Int(task)].successorsEnd)
    {
      let successor = tables.successors[entry] & ~GraphTables.soleBit
      waiting[Int(successor)] -= 1
      if waiting[Int(successor)] > 0 { continue }
      guard best != MakespanRun.none else {
        best = successor
        continue
      }
      var other = successor
      if tables.rank(successor) > tables.rank(best) { (other, best) = (best, successor) }
      if queued > before, tables.rank(other) > tables.rank(deques[worker].tasks[floor]) {
        swap(&other, &deques[worker].tasks[floor])
      }
      push(other, on: worker)
    }
    if queued > before { wakeOthers() }
    return best
  }

  /// Wakes a sleeper if nobody looks for work.
  private mutating func wakeOthers() {
    guard hasWork, firstSearching == searching.count, waking == 0, let worker = asleep.popLast() else {
      return
    }
    waking += 1
    wakes += 1
    events.insert(EventHeap.Event(time: now.addingClamped(costs.wake), worker: worker))
  }

  /// A worker that was woken looks for work; the last to find some wakes the next.
  private mutating func arrive(_ worker: Int) {
    waking -= 1
    if goOn(worker) { wakeOthers() }
  }

  /// Those who have looked for work long enough fall asleep.
  private mutating func giveUp() {
    while firstSearching < searching.count, searching[firstSearching].until < now {
      asleep.append(searching[firstSearching].worker)
      firstSearching += 1
    }
    if firstSearching == searching.count {
      searching.removeAll(keepingCapacity: true)
      firstSearching = 0
    }
  }

  /// Gives what there is to those who look for work, to the latest first.
  private mutating func serveSearching() {
    while hasWork, firstSearching < searching.count {
      let worker = searching.removeLast().worker
      goOn(worker)
      wakeOthers()
    }
  }

  /// How much more a steal costs between two workers, by what they do not share.
  private func distance(_ thief: Int, _ victim: Int) -> UInt64 {
    guard let here = placement.workers[thief].cpu, let there = placement.workers[victim].cpu else { return 0 }
    func differ(_ level: Topology.Level) -> Bool {
      placement.topology.domain(level, of: here)?.index != placement.topology.domain(level, of: there)?.index
    }
    return (differ(.l3) ? costs.acrossL3 : 0)
      .addingClamped(differ(.numaNode) ? costs.acrossNode : 0)
      .addingClamped(differ(.package) ? costs.acrossPackage : 0)
  }
}

/// The next events, at most one for each worker: a binary heap.
private struct EventHeap {
  struct Event {
    let time: UInt64
    let worker: Int

    static func < (a: Event, b: Event) -> Bool { (a.time, a.worker) < (b.time, b.worker) }
  }

  private var events: [Event] = []

  mutating func insert(_ event: Event) {
    events.append(event)
    var position = events.count - 1
    while position > 0, events[position] < events[(position - 1) / 2] {
      events.swapAt(position, (position - 1) / 2)
      position = (position - 1) / 2
    }
  }

  mutating func popFirst() -> Event? {
    guard let first = events.first else { return nil }
    let last = events.removeLast()
    if events.isEmpty { return first }
    events[0] = last
    var position = 0
    while true {
      var smallest = position
      for child in 2 * position + 1...2 * position + 2 where child < events.count {
        if events[child] < events[smallest] { smallest = child }
      }
      if smallest == position { return first }
      events.swapAt(position, smallest)
      position = smallest
    }
  }
}
