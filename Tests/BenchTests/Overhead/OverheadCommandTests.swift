import ArgumentParser
import Testing
import TributaryMeasuring
import TributaryScheduler

@testable import TributaryBench

@Suite struct OverheadCommandTests {
  @Test func graphsHaveTheShapesEdges() throws {
    for shape in [SchedulerShape.chain(10), .tree(levels: 4), .wavefront(5)] {
      let graph = try shape.graph()
      #expect(graph.taskCount == shape.taskCount)
      for (task, successors) in shape.successors.enumerated() {
        #expect(graph.successors(of: TaskID(task)).map(\.index).sorted() == successors.sorted())
      }
    }
  }

  @Test func readsShapes() throws {
    #expect(try OverheadCommand.parse([]).only.count == 6)
    #expect(
      try OverheadCommand.parse(["--only", "small-40,tree-65535"]).only.map(\.name) == [
        "small-40", "tree-65535",
      ])
  }

  @Test(arguments: [["--only", "bogus"], ["--only", ""], ["--threads", "2000"], ["--seconds", "x"]])
  func wrongCommandLinesExitWith64(arguments: [String]) {
    #expect {
      try OverheadCommand.parse(arguments)
    } throws: { error in
      OverheadCommand.exitCode(for: error).rawValue == 64
    }
  }

  @Test func timingsAreSortedAndEnough() {
    var calls = 0
    let timings = Timings(atLeast: 5) { calls += 1 }
    #expect(calls == 5 && timings.count == 5)
    #expect(timings.sorted == timings.sorted.sorted())
    #expect(timings.minimum <= timings.median)
  }
}
