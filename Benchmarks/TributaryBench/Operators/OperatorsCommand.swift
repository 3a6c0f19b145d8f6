internal import ArgumentParser
internal import Tributary
internal import TributaryMeasuring

/// `tributary-bench operators`: how fast every operator is, against the machine and against PyTorch.
struct OperatorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operators",
    abstract: "Time every operator at three sizes, against the machine's own rates and PyTorch.",
    discussion: """
      First the machine is measured: the best f32 product of OpenBLAS, oneDNN and our own kernels, and the bytes a second of \
      a triad and of a copy at each size. Then every operator in f32: kernel_ns is the kernels alone, one after the other over \
      whole values on the calling thread (one thread only); run_ns is a run of the compiled graph of this one call, \
      hand-over to the executor and back included. gflops, gbs (operands read once, results written once), roofline (the \
      least time by the machine's rates divided by the time) and vs_torch (PyTorch's time divided by ours) are of the \
      kernels with one thread, else of the run; run_vs_torch is of the run. Rows named gradient time the forward and \
      the backward pass together. Times are medians, the machine's rates its best ones; with --torch both sides take turns. PyTorch computes the same call \
      eagerly with the same number of threads, allocates its results from memory that it keeps, and images are channels \
      last on both sides. goal says what the operator is held against and whether that is met.
      """)

  @OptionGroup var options: BenchOptions

  @Option(
    help: ArgumentHelp("Only these operators, by name with commas.", valueName: "name,name"),
    transform: OperatorsCommand.subjects)
  var only: [OperatorSubject] = OperatorSubject.all

  @Option(
    help: ArgumentHelp("Only these sizes: small, cache, memory.", valueName: "size,size"),
    transform: OperatorsCommand.sizes)
  var sizes: [ShapeClass] = ShapeClass.allCases

  @Option(help: ArgumentHelp("A Python interpreter that has PyTorch, to compare with.", valueName: "python"))
  var torch: String?

  @Flag(
    help: """
      Instead: time matrix products by each way there is to compute them, on one thread, beside what the product's table says. \
      TRIBUTARY_ISA chooses the instruction set of our own kernels, OPENBLAS_CORETYPE and ONEDNN_MAX_CPU_ISA the libraries'.
      """)
  var tune = false

  func run() throws {
    if tune {
      try ProductTuning(seconds: options.seconds ?? 0.1).run(json: try options.jsonFile())
      return
    }
    var report = Report(
      [
        .init("operator", width: 30), .init("size", width: 6), .init("threads"),
        .init("kernel_ns", width: 11),
        .init("run_ns", width: 11), .init("gflops", width: 7), .init("gbs", width: 7), .init("roofline"),
        .init("vs_torch"), .init("run_vs_torch"), .init("goal", width: 8),
      ], json: try options.jsonFile())
    let peer = try torch.map { try TorchPeer(python: $0) }
    let seconds = options.seconds ?? 0.2
    var missed = 0
    var judged = 0
    for threads in try options.threadCounts() {
      let rates = try MachineRates(threads: threads, seconds: max(seconds, 0.2))
      print("\(threads) thread\(threads == 1 ? "" : "s"): \(rates.description)")
      let executor = try GraphExecutor(workers: threads)
      defer { executor.shutdown() }
      for subject in only {
        for measured in OperatorCase.all(of: subject, sizes: sizes) {
          let result = try OperatorMeasurement(measured, on: executor, against: peer, seconds: seconds)
          let roofline = rates.roofline(measured.size)
          try report.add(result.row(measured, threads: threads, roofline))
          switch result.verdict(measured, (roofline.flopsPerSecond, roofline.bytesPerSecond)) {
          case .met: judged += 1
          case .missed: (judged, missed) = (judged + 1, missed + 1)
          case .none: break
          }
        }
      }
    }
    print("\(judged - missed) of \(judged) goals met; \(KernelLibraries.description)")
    if let peer { print("PyTorch \(peer.version)") }
  }

  /// A list of operators as in `exp,matmul`.
  static func subjects(_ text: String) throws -> [OperatorSubject] {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for name in names where !OperatorSubject.names.contains(name) {
      throw ValidationError(
        "“\(name)” is no operator: choose from \(OperatorSubject.names.joined(separator: ", "))")
    }
    return OperatorSubject.all.filter { names.contains($0.name) }
  }

  /// A list of sizes as in `small,cache`.
  static func sizes(_ text: String) throws -> [ShapeClass] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { name in
      guard let size = ShapeClass(rawValue: String(name)) else {
        throw ValidationError(
          "“\(name)” is no size: choose from \(ShapeClass.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return size
    }
  }
}
