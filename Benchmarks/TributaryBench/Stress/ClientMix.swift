internal import Foundation
internal import Tributary
internal import TributaryMeasuring
internal import TributaryTestSupport

/// Eight threads that run four compiled graphs on one executor, with runs cancelled at random: every run that ends well has the
/// bits of a run that nobody disturbed, and a step that was cancelled has changed nothing.
struct ClientMix {
  private static let clients = 8
  private static let rounds = 20

  /// One compiled model, what a quiet run of it hands back, and what a step makes of its states.
  private struct Candidate: Sendable {
    var executable: Executable
    var feeds: [Value: Tensor]
    var expected: [[UInt8]]
  }

  /// Compiles four random models and lets the clients loose.
  static func run(seed: UInt64, on executor: GraphExecutor, using random: inout SplitMix64) throws -> Int {
    let quiet = try GraphExecutor(workers: 1)
    defer { quiet.shutdown() }
    let candidates = try (0..<4).map { number in
      let model = try RandomModel(
        seed: seed &* 4 &+ UInt64(number), size: Int.random(in: 4...40, using: &random))
      let executable = try model.builder.compile(
        fetching: model.fetches, updating: model.update, options: CompileOptions(granularity: .finest))
      let outputs = try executable.run(on: quiet, ParameterStore(executable, seed: 1), feeding: model.feeds)
      return Candidate(executable: executable, feeds: model.feeds, expected: outputs.tensors.map(\.bytes))
    }
    let seeds = (0..<clients).map { _ in random.next() }
    return try SideBySide.run(clients) { try client(seeds[$0], candidates, executor) }.reduce(0, +)
  }

  /// One client's runs: each begins from the same states, some are cancelled by another thread.
  private static func client(_ seed: UInt64, _ candidates: [Candidate], _ executor: GraphExecutor) throws
    -> Int
  {
    var random = SplitMix64(seed: seed)
    let stores = candidates.map { ParameterStore($0.executable, seed: 1) }
    let starts = try stores.map { try $0.snapshot() }
    var tasks = 0
    for _ in 0..<rounds {
      let number = Int.random(in: candidates.indices, using: &random)
      let candidate = candidates[number]
      let token = CancellationToken()
      let isCancelled = random.oneIn(3)
      if isCancelled {
        let pause = UInt32.random(in: 0...100, using: &random)
        DispatchQueue.global().async {
          usleep(pause)
          token.cancel()
        }
      }
      do {
        let outputs = try candidate.executable.run(
          on: executor, stores[number], feeding: candidate.feeds, options: RunOptions(cancellation: token))
        guard outputs.tensors.map(\.bytes) == candidate.expected else {
          throw BenchError("a run among others has other bits than a run alone")
        }
        tasks += outputs.report.tasksRun
        try stores[number].restore(starts[number])
      } catch let error as RunError {
        guard error.code == .cancelled, isCancelled else { throw error }
        try checkUnchanged(stores[number], starts[number])
      }
    }
    return tasks
  }

  private static func checkUnchanged(_ store: ParameterStore, _ start: [String: Tensor]) throws {
    for (name, tensor) in try store.snapshot() where tensor.bytes != start[name]?.bytes {
      throw BenchError("a cancelled step changed \(name)")
    }
  }
}
