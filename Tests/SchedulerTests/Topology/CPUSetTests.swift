import Testing
import TributaryScheduler

@Suite struct CPUSetTests {
  @Test(arguments: [
    ("0", [0]), ("0-3", [0, 1, 2, 3]), ("0-1,8,10-11", [0, 1, 8, 10, 11]), ("63,64", [63, 64]),
    ("5,3,3-4", [3, 4, 5]),
  ])
  func parsesKernelLists(text: String, expected: [Int]) throws {
    let set = try CPUSet(parsing: text)
    #expect(set.indices == expected)
    #expect(set.count == expected.count)
    #expect(set.first == expected.first)
    #expect(try CPUSet(parsing: set.description) == set)
  }

  @Test(arguments: ["", "a", "1-", "-1", "3-1", "1,,2", "1-2-3", "70000", "0x1", " 1"])
  func rejectsOtherText(text: String) {
    #expect {
      try CPUSet(parsing: text)
    } throws: { error in
      (error as? SchedulerError)?.code == .invalidPinning
    }
  }

  @Test func describesRuns() {
    #expect(CPUSet([0, 1, 2, 5, 64, 65]).description == "0-2,5,64-65")
    #expect(CPUSet().description == "")
  }

  @Test func wordsAreTheKernelsMask() {
    #expect(CPUSet([0, 63, 65]).words == [1 | 1 << 63, 2])
    #expect(CPUSet([-1]).isEmpty)
  }

  @Test func setAlgebraAgreesWithSetsOfIntegers() {
    var state: UInt64 = 1
    func random() -> [Int] {
      (0..<20).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % 150
      }
    }
    for _ in 0..<200 {
      let (a, b) = (Set(random()), Set(random()))
      let (x, y) = (CPUSet(a), CPUSet(b))
      #expect(x.union(y).indices == a.union(b).sorted())
      #expect(x.intersection(y).indices == a.intersection(b).sorted())
      #expect(x.intersection(y).isSubset(of: x))
      #expect(x.isSubset(of: y) == a.isSubset(of: b))
      #expect(x.intersection(y) == CPUSet(a.intersection(b)), "equal sets are equal values")
      #expect(a.allSatisfy { x.contains($0) } && !x.contains(a.max()! + 1))
    }
  }
}
