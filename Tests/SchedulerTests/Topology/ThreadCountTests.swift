import Testing
import TributaryScheduler

@Suite struct ThreadCountTests {
  @Test func theExplicitNumberBeatsTheVariable() throws {
    let request = try ThreadCount.request(3, by: "--threads", environment: "7")
    #expect(request?.count == 3)
    #expect(request?.source == "--threads")
    #expect(try ThreadCount.request(3, environment: "nonsense")?.count == 3)
  }

  @Test func theVariableHoldsWhereNothingElseIsSaid() throws {
    let request = try ThreadCount.request(nil, environment: "7")
    #expect(request?.count == 7)
    #expect(request?.source == "TRIBUTARY_THREADS")
    #expect(try ThreadCount.request(nil, environment: nil) == nil)
    #expect(try ThreadCount.request(nil, environment: "") == nil)
  }

  @Test(arguments: [1, 2, 1023, 1024]) func acceptsOneTo1024(count: Int) throws {
    #expect(try ThreadCount.request(count)?.count == count)
    #expect(try ThreadCount.request(nil, environment: "\(count)")?.count == count)
  }

  @Test(arguments: [0, -1, 1025, Int.max, Int.min]) func rejectsOtherNumbers(count: Int) {
    for (explicit, environment, source) in [
      (count, nil, "--threads"), (nil, "\(count)", "TRIBUTARY_THREADS"),
    ] {
      #expect {
        try ThreadCount.request(explicit, by: "--threads", environment: environment)
      } throws: { error in
        guard let error = error as? SchedulerError else { return false }
        return error.code == .invalidThreadCount && error.message.contains(source)
          && error.message.contains("\(count)")
      }
    }
  }

  @Test(arguments: ["two", "1.5", " 2", "2 ", "0x2", "99999999999999999999"])
  func rejectsTextThatIsNoNumber(text: String) {
    #expect {
      try ThreadCount.request(nil, environment: text)
    } throws: { error in
      (error as? SchedulerError)?.code == .invalidThreadCount
    }
  }
}
