internal import Tributary
internal import TributaryMeasuring

/// What was measured of one call.
struct OperatorMeasurement: Sendable {
  /// Median nanoseconds of the kernels alone, one after the other on one thread; nil with more threads.
  var kernel: Double?

  /// Median nanoseconds of a run of the compiled graph.
  var run: Double

  /// Median nanoseconds of PyTorch's call; nil when it was not measured.
  var peer: Double?

  /// The work of the call.
  var work: CallWork

  /// Where the kernels come from.
  var implementations: [String]

  /// Nanoseconds that stand for the operator: the kernels alone on one thread, else the run.
  var nanoseconds: Double { kernel ?? run }

  /// How often the sides take turns.
  private static let rounds = 4

  /// Measures a case for about so many seconds on each side, in turns.
  init(
    _ measured: OperatorCase, on executor: GraphExecutor, against peer: TorchPeer?, seconds: Double
  ) throws {
    let threads = executor.workerCount
    let (executable, feeds) = try measured.compiled()
    let prepared = try executable.prepare(on: executor)
    for (value, tensor) in feeds { try prepared.feed(value, tensor) }
    let named = Dictionary(uniqueKeysWithValues: feeds.map { ($0.0.name, $0.1) })
    let sequence = try KernelSequence(executable.graph, feeding: named)
    var kernelTimer = threads == 1 ? try CallTimer { try sequence.run() } : nil
    var runTimer = try CallTimer { try prepared.run() }
    try peer?.prepare(measured, threads: threads)
    var peerSamples: [Double] = []
    let turn = seconds / Double(OperatorMeasurement.rounds)
    for _ in 0..<OperatorMeasurement.rounds {
      try kernelTimer?.measure(seconds: turn)
      try runTimer.measure(seconds: threads == 1 ? turn / 2 : turn)
      if let peer { peerSamples += try peer.measure(seconds: turn) }
    }
    kernel = kernelTimer?.median
    run = runTimer.median
    self.peer = peerSamples.isEmpty ? nil : peerSamples.sorted()[peerSamples.count / 2]
    work = sequence.work
    implementations = sequence.implementations
  }

  /// A measurement from its parts.
  init(kernel: Double?, run: Double, peer: Double?, work: CallWork, implementations: [String] = ["c"]) {
    (self.kernel, self.run, self.peer) = (kernel, run, peer)
    (self.work, self.implementations) = (work, implementations)
  }

  /// PyTorch's time divided by ours; above 1 ours is faster.
  var ofPeer: Double? { peer.map { $0 / nanoseconds } }

  /// The verdict of the operator's goal.
  func verdict(_ measured: OperatorCase, _ rates: (flopsPerSecond: Double, triad: Double))
    -> OperatorGoal.Verdict
  {
    measured.goal.verdict(
      measured.size, ofTriad: work.bytes / nanoseconds * 1e9 / rates.triad,
      ofProducts: work.flops / nanoseconds * 1e9 / rates.flopsPerSecond, ofPeer: ofPeer)
  }

  /// The row of a table.
  func row(_ measured: OperatorCase, threads: Int, _ roofline: Roofline) -> Row {
    let seconds = nanoseconds * 1e-9
    let verdict = verdict(measured, (roofline.flopsPerSecond, roofline.bytesPerSecond))
    func ratio(_ time: Double) -> Row.Cell { peer.map { .number($0 / time, decimals: 2) } ?? .missing }
    return Row([
      "operator": .text(measured.title), "size": .text(measured.size.rawValue),
      "shapes": .text(measured.shapes), "threads": .integer(threads),
      "kernel_ns": kernel.map { .number($0, decimals: 0) } ?? .missing, "run_ns": .number(run, decimals: 0),
      "gflops": .number(work.flops / seconds / 1e9, decimals: 2),
      "gbs": .number(work.bytes / seconds / 1e9, decimals: 2),
      "roofline": .number(roofline.share(work, seconds: seconds), decimals: 2),
      "torch_ns": peer.map { .number($0, decimals: 0) } ?? .missing,
      "vs_torch": ratio(nanoseconds), "run_vs_torch": ratio(run), "goal": verdict.cell,
      "by": .text(implementations.joined(separator: " ")),
    ])
  }
}

extension OperatorGoal.Verdict {
  /// The verdict as a cell of a table.
  var cell: Row.Cell {
    switch self {
    case .met: "met"
    case .missed(let reached, let goal, let standard):
      .text(
        "\(OperatorGoal.Verdict.percent(reached)) of \(standard), not \(OperatorGoal.Verdict.percent(goal))")
    case .none: .missing
    }
  }

  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
