internal import Foundation
internal import Tributary
internal import TributaryTestSupport

/// The plan of a random model under random settings, judged by its printed form: every two tasks that touch a byte, one of
/// them writing, must be ordered, and no byte may be read that nobody wrote.
enum PlanCase {
  /// Plans, prints and judges.
  static func run(seed: UInt64, using random: inout SplitMix64) throws -> Int {
    let model = try RandomModel(seed: seed, size: Int.random(in: 1...28, using: &random))
    let granularities: [Granularity] = [.default, .whole, .finest]
    let options = CompileOptions(
      granularity: granularities.randomElement(using: &random) ?? .default,
      referenceWidth: [1, 2, 4, 32].randomElement(using: &random) ?? 32)
    let executable = try model.builder.compile(
      fetching: model.fetches, updating: model.update, options: options)
    let printed = try JSONDecoder().decode(PrintedPlan.self, from: Data(executable.plan.json.utf8))
    if let complaint = printed.complaints.first {
      throw BenchError("the plan of \(executable.plan.taskCount) tasks is wrong: \(complaint)")
    }
    return printed.tasks.count
  }
}

/// A plan as it is printed for checkers.
struct PrintedPlan: Decodable {
  struct Task: Decodable {
    var id: Int
    var after: [Int]
    var reads: [Place]
    var writes: [Place]
  }

  /// `[space, offset, bytes]`.
  struct Place: Decodable {
    var bytes: PlanChecker.Bytes

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      bytes = PlanChecker.Bytes(
        try list.decode(String.self), try list.decode(Int.self), try list.decode(Int.self))
    }
  }

  enum CodingKeys: String, CodingKey {
    case arenaBytes = "arena_bytes"
    case tasks
  }

  var arenaBytes: Int
  var tasks: [Task]

  /// What is wrong with the plan.
  var complaints: [String] {
    guard tasks.map(\.id) == Array(tasks.indices) else { return ["the tasks are not numbered from 0 on"] }
    let places = tasks.flatMap { $0.reads + $0.writes }
    if let outside = places.first(where: {
      $0.bytes.space == "arena" && $0.bytes.range.upperBound > arenaBytes
    }) {
      return ["\(outside.bytes) lies outside the arena of \(arenaBytes) bytes"]
    }
    let checker = PlanChecker(
      tasks.map {
        PlanChecker.Task(after: $0.after, reads: $0.reads.map(\.bytes), writes: $0.writes.map(\.bytes))
      })
    return checker?.complaints() ?? ["the tasks wait for each other in a circle"]
  }
}
