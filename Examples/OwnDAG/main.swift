import Synchronization
import TributaryScheduler

// A diamond: two tasks that need the same samples, and one that needs both of them.
let samples = Mutex<[Double]>([])
let mean = Mutex(0.0)
let peak = Mutex(0.0)

var dag = TaskGraphBuilder(name: "statistics")
let load = dag.add("load") { _ in
  samples.withLock { $0 = (0..<100_000).map { Double($0 % 1_000) } }
}
let average = dag.add("average", after: load, cost: .microseconds(300)) { _ in
  let values = samples.withLock { $0 }
  mean.withLock { $0 = values.reduce(0, +) / Double(values.count) }
}
let maximum = dag.add("maximum", after: load, cost: .microseconds(300)) { _ in
  let values = samples.withLock { $0 }
  peak.withLock { $0 = values.max() ?? 0 }
}
let show = dag.add("show", after: average, maximum) { _ in
  print("mean", mean.withLock { $0 }, "peak", peak.withLock { $0 })
}

let greet = dag.add { _ in print("hello") }
dag.precede(greet, show)

let statistics = try dag.build()
print(statistics.taskCount, "tasks,", statistics.edgeCount, "edges")
print(statistics.name(of: show), "and", statistics.name(of: greet))

let executor = try GraphExecutor(workers: 4)
let report = try executor.run(statistics)

print("\(report.tasksRun) tasks in \(report.wallSeconds) s on at most \(report.workers) threads")
print("expected at least \(report.criticalPathSeconds) s, busy \(report.efficiency * 100) % of the time")

// A graph that cannot be built.
var circle = TaskGraphBuilder(name: "circle")
let hen = circle.add("hen") { _ in }
let egg = circle.add("egg", after: hen) { _ in }
circle.precede(egg, hen)
do {
  _ = try circle.build()
} catch {
  print(error.code, "-", error)
}

// A body that throws.
struct Unreadable: Error {}
var reading = TaskGraphBuilder(name: "reading")
let read = reading.add("read") { _ in throw Unreadable() }
reading.add("use", after: read) { _ in print("never printed") }
let unreadable = try reading.build()
do {
  try executor.run(unreadable)
} catch {
  print(error.code, "-", error)
}

// A task that chooses.
var choice = TaskGraphBuilder(name: "choice")
let isLoud = choice.addCondition("is loud") { _ in peak.withLock { $0 } > 500 }
let damp = choice.add("damp", when: isLoud.isTrue) { _ in
  samples.withLock { $0 = $0.map { $0 / 2 } }
}
let keep = choice.add("keep", when: isLoud.isFalse) { _ in print("kept") }
choice.add("go on", after: damp, keep) { _ in print("in either case") }
let chosen = try executor.run(choice.build())
print(chosen.tasksSkipped, "task was not chosen")

// A loop: one step is a graph, and a task runs it until there is no more to do.
var halving = TaskGraphBuilder(name: "halving")
let halve = halving.add("halve") { _ in
  samples.withLock { $0 = $0.map { $0 / 2 } }
}
halving.add("measure", after: halve) { context in
  let values = samples.withLock { $0 }
  peak.withLock { $0 = 0 }
  try context.parallelFor(0..<values.count, grain: 8_192) { range in
    let top = values[range].max() ?? 0
    peak.withLock { $0 = max($0, top) }
  }
}
let step = try halving.build()

var loop = TaskGraphBuilder(name: "loop")
loop.add("until quiet") { context in
  while peak.withLock({ $0 }) > 1 { try context.run(step) }
}
try executor.run(loop.build())
print("peak is now", peak.withLock { $0 })

// A semaphore: eight files, of which at most two are read at once.
let disk = TaskSemaphore(2)
let readers = Mutex((now: 0, most: 0))
var files = TaskGraphBuilder(name: "files")
for number in 0..<8 {
  files.add("read \(number)", acquiring: [disk], cost: .microseconds(50)) { _ in
    readers.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
    readers.withLock { $0.now -= 1 }
  }
}
try executor.run(files.build())
print("never more than two at once:", readers.withLock { $0.most <= 2 })

// A task group: a tree whose shape shows while it is walked.
let leaves = Mutex(0)

@Sendable func walk(_ height: Int, _ group: borrowing DynamicTaskGroup) {
  if height == 0 {
    leaves.withLock { $0 += 1 }
    return
  }
  for _ in 0..<2 { group.add("height \(height)") { walk(height - 1, $0) } }
}

var tree = TaskGraphBuilder(name: "tree")
tree.add("walk") { context in
  try context.withTaskGroup { group in walk(6, group) }
}
try executor.run(tree.build())
print(leaves.withLock { $0 }, "leaves")

// A trace of one run.
let trace = TraceRecorder()
try executor.run(statistics, options: RunOptions(trace: trace))
try trace.write(to: "/tmp/own-dag.json")
