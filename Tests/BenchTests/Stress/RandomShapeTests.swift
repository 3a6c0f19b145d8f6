import Testing
import TributaryTestSupport

@testable import TributaryBench

@Suite struct RandomShapeTests {
  @Test(arguments: StressKind.allCases) func orderRespectsTheEdges(kind: StressKind) {
    var counts: Set<Int> = []
    for seed in 0..<200 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let shape = RandomShape(kind, most: 5000, using: &random)
      #expect((1...5000).contains(shape.taskCount))
      counts.insert(shape.taskCount)
      #expect(shape.order.sorted() == Array(0..<shape.taskCount))
      var place = [Int](repeating: 0, count: shape.taskCount)
      for (position, task) in shape.order.enumerated() { place[task] = position }
      for (task, before) in shape.predecessors.enumerated() {
        #expect(before.allSatisfy { place[$0] < place[task] })
      }
    }
    #expect(counts.count > 50, "sizes vary")
    #expect(counts.contains { $0 > 1000 } && counts.contains { $0 < 10 })
  }

  @Test func fansMeetAndPart() {
    var random = SplitMix64(seed: 3)
    while true {
      let shape = RandomShape(.diamond, most: 5000, using: &random)
      guard shape.taskCount >= 7 else { continue }
      let before = shape.order.map { shape.predecessors[$0].count }
      #expect(Array(before[..<7]) == [0, 1, 1, 2, 1, 1, 2])
      break
    }
  }

  @Test func theSameSeedGivesTheSameCase() {
    for seed in 0..<50 as Range<UInt64> {
      let pair = (0..<2).map { _ in StressCase(seed: seed, kinds: StressKind.allCases, threads: Array(1...32))
      }
      #expect(pair[0].kind == pair[1].kind && pair[0].setting == pair[1].setting)
    }
    let kinds = (0..<200).map { StressCase(seed: $0, kinds: StressKind.allCases, threads: [1]).kind }
    #expect(Set(kinds).count == StressKind.allCases.count)
  }
}
