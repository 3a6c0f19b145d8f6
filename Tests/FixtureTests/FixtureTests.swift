import Testing
import Tributary

/// The reference numbers: every file of `operators/` and `trajectories/`, at 1, 2, 3 and 8 threads.
@Suite(.serialized) struct FixtureTests {
  private static let threadCounts = [1, 2, 3, 8]

  @Test func filesMatchTheirReference() throws {
    let folder = FixtureFolder.current
    let classes = try folder.toleranceClasses()
    let trajectory = try #require(classes["trajectory"])
    let executors = try FixtureTests.threadCounts.map { try GraphExecutor(workers: $0) }
    defer { for executor in executors { executor.shutdown() } }
    var passed = 0
    var failed = 0
    var skipped = 0
    func record(_ path: String, _ check: (Fixture) throws -> Outcome) {
      let outcome: Outcome
      do {
        outcome = try check(try Fixture(path: path))
      } catch {
        outcome = .failed("\(error)")
      }
      switch outcome {
      case .passed: passed += 1
      case .skipped: skipped += 1
      case .failed(let reason):
        failed += 1
        print("FAILED \(path): \(reason)")
      }
    }
    for path in try folder.files(in: "operators") {
      record(path) { try OperatorFixture(fixture: $0, classes: classes).outcome(on: executors) }
    }
    for path in try folder.files(in: "trajectories") {
      record(path) { fixture in
        try fixture.description.text("kind") == "schedules"
          ? ScheduleFixture(fixture: fixture, tolerances: trajectory).outcome(on: executors)
          : TrajectoryFixture(fixture: fixture, tolerances: trajectory).outcome(on: executors)
      }
    }
    print("\(passed) passed, \(failed) failed, \(skipped) skipped")
    #expect(failed == 0)
    #expect(passed > 0, "no fixture was compared; is \(folder.path) the right folder?")
  }
}
