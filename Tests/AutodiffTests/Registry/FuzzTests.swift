import Foundation
import Testing

/// Random graphs over the whole registry, see ``FuzzCase``.
///
/// A test run takes some; `TRIBUTARY_FUZZ_SECONDS=600` goes on for so long, and `TRIBUTARY_FUZZ_SEED=n` begins with case n:
/// what a failure prints. In long runs the file `tributary-fuzz-seed` in the folder of temporary files holds the number of the
/// case that is being run, for a case that ends the process.
@Suite(.serialized) struct FuzzTests {
  private static func setting(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }

  @Test func randomGraphsAreRefusedWithReasonsOrRun() throws {
    let seconds = Self.setting("TRIBUTARY_FUZZ_SECONDS")
    let start = ContinuousClock.now
    var seed = Self.setting("TRIBUTARY_FUZZ_SEED") ?? 1
    let last = seed + 400
    var counts: [FuzzCase.Outcome: Int] = [:]
    func goesOn() -> Bool {
      guard let seconds else { return seed < last }
      return start.duration(to: .now) < .seconds(seconds)
    }
    let place = FileManager.default.temporaryDirectory.appending(path: "tributary-fuzz-seed")
    while goesOn() {
      if seconds != nil { try Data("\(seed)\n".utf8).write(to: place) }
      do {
        counts[try FuzzCase(seed: seed).run(), default: 0] += 1
      } catch {
        Issue.record("TRIBUTARY_FUZZ_SEED=\(seed): \(error)")
      }
      seed += 1
    }
    // No kind of outcome is rare.
    for outcome in [FuzzCase.Outcome.refused, .ran] { #expect((counts[outcome] ?? 0) > 50, "\(counts)") }
    if seconds != nil { print("cases \(counts.values.reduce(0, +)), \(counts)") }
  }
}
