internal import ArgumentParser
internal import Foundation
internal import TributaryScheduler

/// How long a sleeping executor takes to begin, and what it costs while it sleeps.
struct LatencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency",
    abstract: "Time until a parked worker begins a task, and until an awaited run begins and ends.",
    discussion: """
      wake: from a task's end to the start, on a worker that sleeps, of a task that it made ready. await-start: from \
      “await run” to the start of the only task; await-return: to the end of the await. Before each sample the executor is \
      left alone until its threads sleep. idle-cpu: processor time that the executor's threads use in a second in which \
      nobody calls it. latency_tbb.cpp in Benchmarks/Peers measures oneTBB's task_arena likewise.
      """)

  @OptionGroup var options: BenchOptions

  @Option(help: ArgumentHelp("How many samples to take of each.", valueName: "n"))
  var samples = 2000

  @Option(
    help: ArgumentHelp("Milliseconds before each sample in which nobody calls the executor.", valueName: "ms")
  )
  var pause = 1

  func validate() throws {
    if pause < 1 { throw ValidationError("--pause is \(pause): give a number of milliseconds, at least 1") }
    if samples < 1 { throw ValidationError("--samples is \(samples): give a number of samples, at least 1") }
  }

  func run() throws {
    var report = Report(
      [
        .init("what", width: 12), .init("threads"), .init("median_us", width: 9), .init("p99_us", width: 9),
        .init("samples", width: 7), .init("idle_cpu_ms", width: 11),
      ], json: try options.jsonFile())
    for threads in try options.threadCounts() {
      let executor = try GraphExecutor(
        GraphExecutor.Configuration(workers: threads, sharing: .always))
      if threads > 1 {
        try report.add(row("wake", threads, try WakeLatency(executor).sampled(samples, pause: pause)))
      }
      let awaited = try AwaitLatency(executor).sampledFromTask(samples, pause: pause)
      try report.add(row("await-start", threads, awaited.start))
      try report.add(row("await-return", threads, awaited.end))
      let idle = IdleUse.milliseconds(perSecondsOf: options.seconds ?? 2)
      try report.add(
        Row([
          "system": "tributary", "what": "idle-cpu", "threads": .integer(threads),
          "idle_cpu_ms": .number(idle, decimals: 3),
        ]))
      executor.shutdown()
    }
  }

  private func row(_ what: String, _ threads: Int, _ latencies: Latencies) -> Row {
    Row([
      "system": "tributary", "what": .text(what), "threads": .integer(threads),
      "median_us": .number(latencies.microseconds(at: 50), decimals: 2),
      "p99_us": .number(latencies.microseconds(at: 99), decimals: 2), "samples": .integer(latencies.count),
    ])
  }
}
