import ArgumentParser
import Testing
import TributaryScheduler

@testable import TributaryBench

@Suite(.serialized) struct ContributionsTests {
  @Test func aSumInAnyOrderIsTheSumAndAnotherIsNot() {
    let work = Contributions(count: 50, floats: 33)
    for scales in [work.scales, work.scales.reversed(), work.scales.sorted()] {
      var sum = work.input.map { input in scales.reduce(Float(0)) { $0 + $1 * input } }
      #expect(work.isSum(sum))
      sum[7] += work.scales[3] * work.input[7]
      #expect(!work.isSum(sum))
    }
    #expect(!work.isSum([]))
  }

  @Test func plannedSumsAreSumsAndTheirBitsAreTheSameForAnyNumberOfWorkers() throws {
    let work = Contributions(count: 100, floats: 70)
    var first: [UInt32]?
    for workers in [1, 2, 3, 8] {
      let executor = try GraphExecutor(workers: workers)
      defer { executor.shutdown() }
      let sum = try PlannedSum(work, on: executor)
      for _ in 0..<3 {
        try sum.run()
        let result = try sum.result()
        #expect(work.isSum(result))
        let bits = result.map(\.bitPattern)
        if let first { #expect(bits == first) } else { first = bits }
      }
    }
  }

  @Test(arguments: [
    ["--contributions", "1"], ["--contributions", "2,,4"], ["--floats", "0"], ["--floats", "x"],
  ])
  func wrongCommandLinesExitWith64(arguments: [String]) {
    #expect {
      try AccumulateCommand.parse(arguments)
    } throws: { error in
      AccumulateCommand.exitCode(for: error).rawValue == 64
    }
  }

  @Test func readsLists() throws {
    let command = try AccumulateCommand.parse(["--contributions", "2,4096", "--floats", "1"])
    #expect(command.contributions == [2, 4096] && command.floats == [1])
  }

  @Test(arguments: [ArrivalOrderSum.Method.mutex, .atomic], [1, 3])
  func arrivalOrderSumsAreSums(method: ArrivalOrderSum.Method, workers: Int) throws {
    let work = Contributions(count: 200, floats: 100)
    let executor = try GraphExecutor(workers: workers)
    defer { executor.shutdown() }
    let sum = try ArrivalOrderSum(work, method: method, workers: workers, on: executor)
    for _ in 0..<5 {
      try sum.run()
      #expect(work.isSum(sum.result()))
    }
  }
}
