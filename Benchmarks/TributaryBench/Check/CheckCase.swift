internal import Tributary
internal import TributaryMeasuring
internal import TributaryWorkloads

/// Something of ours whose speed is held against a reference loop.
struct CheckCase {
  /// What is done once, and how much work it is.
  struct Subject {
    let work: CallWork
    let call: () throws -> Void
  }

  let name: String
  let threads: Int
  let reference: ReferenceLoop
  /// Makes it ready.
  let prepare: () throws -> Subject

  /// How often both sides take turns.
  private static let turns = 5

  /// The reference loop's time for the same work divided by ours: the median over the turns.
  ///
  /// - Parameters:
  ///   - work: The work of the reference loop; nil for what the subject itself says.
  ///   - seconds: How long to measure, both sides together.
  func ratio(of work: CallWork? = nil, seconds: Double) throws -> (ratio: Double, work: CallWork) {
    let subject = try prepare()
    let work = work ?? subject.work
    let turn = seconds / Double(2 * CheckCase.turns)
    var ratios: [Double] = []
    for _ in 0..<CheckCase.turns {
      var timer = try CallTimer(subject.call)
      let reference = try reference.seconds(work, threads: threads, measuring: turn)
      try timer.measure(seconds: turn)
      ratios.append(reference / (timer.median * 1e-9))
    }
    return (ratios.sorted()[CheckCase.turns / 2], work)
  }

  /// Operators that stream and are checked at sizes that no cache holds.
  static let streaming = ["add", "exp", "softmax", "layer_norm"]

  /// Workloads bound by calls rather than by arithmetic: each operator stands for a call of the triad on small arrays.
  static let small = ["seed-dag-5", "small-ops"]

  /// All cases: the suite's steps, operators that stream, and the scheduler's empty tasks.
  static func all(threads: [Int], products: ReferenceLoop) -> [CheckCase] {
    threads.flatMap { threads in Workload.suite.map { step($0.name, threads, products) } }
      + streaming.compactMap(operatorCase) + [.emptyTasks]
  }

  /// The work of so many calls of the triad on small arrays.
  private static func calls(_ count: Int) -> CallWork {
    CallWork(flops: 0, bytes: Double(count * 12 * ShapeClass.small.elementCount))
  }

  private static func step(_ name: String, _ threads: Int, _ products: ReferenceLoop) -> CheckCase {
    CheckCase(
      name: name, threads: threads, reference: small.contains(name) ? .triad(.small) : products
    ) {
      let workload = try PreparedWorkload(name, threads: threads)
      let work = small.contains(name) ? calls(workload.operatorCount) : workload.work
      return Subject(work: work) { _ = try workload.step() }
    }
  }

  private static func operatorCase(_ name: String) -> CheckCase? {
    guard let subject = OperatorSubject.all.first(where: { $0.name == name }) else { return nil }
    let measured = OperatorCase(subject: subject, size: .memory, isGradient: false)
    return CheckCase(name: name, threads: 1, reference: .triad(.memory)) {
      let (executable, feeds) = try measured.compiled()
      let sequence = try KernelSequence(
        executable.graph, feeding: Dictionary(uniqueKeysWithValues: feeds.map { ($0.0.name, $0.1) }))
      return Subject(work: sequence.work) { try sequence.run() }
    }
  }

  /// The wavefront's empty tasks, each against a call of the triad on small arrays.
  private static var emptyTasks: CheckCase {
    CheckCase(name: "empty-tasks", threads: 1, reference: .triad(.small)) {
      let shape = SchedulerShape.wavefront(256)
      let graph = try shape.graph()
      let executor = try GraphExecutor(workers: 1)
      return Subject(work: calls(shape.taskCount)) { _ = try executor.run(graph) }
    }
  }
}
