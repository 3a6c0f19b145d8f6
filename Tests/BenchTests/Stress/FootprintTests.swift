import Foundation
import Testing

@testable import TributaryBench

@Suite struct FootprintTests {
  @Test func aStatusFileIsRead() {
    let status = "Name:\ttributary\nVmRSS:\t   57164 kB\nVmData:\t 1 kB\nThreads:\t24\n"
    #expect(Footprint.field("VmRSS", of: status) == 57164)
    #expect(Footprint.field("Threads", of: status) == 24)
    #expect(Footprint.field("VmSwap", of: status) == nil)
  }

  @Test func thisProcessHoldsWhatItAllocates() throws {
    let bytes = 64 << 20
    let before = try Footprint.now()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 1, count: bytes)
    let during = try Footprint.now()
    memory.deallocate()
    // Other tests run in this process, but none takes or gives back so much.
    #expect(during.heap - before.heap > bytes / 2)
    #expect(during.resident - before.resident > bytes / 2)
    #expect(during.threads >= 1)
  }

  private static func log(settle: Double, _ footprint: (Int) -> Footprint) -> FootprintLog {
    var log = FootprintLog(settle: settle)
    for second in stride(from: 0, through: 1000, by: 10) {
      log.add(footprint(second), after: Double(second))
    }
    return log
  }

  @Test func theGrowthIsTheSlopeAfterTheFirstMinutes() throws {
    let log = Self.log(settle: 300) { second in
      // Fast at first, then 1000 bytes a second; a thread more after 900 s.
      Footprint(
        resident: second < 300 ? second * 1_000_000 : 300_000_000 + second * 1000, heap: 5_000_000,
        threads: second < 900 ? 12 : 13)
    }
    #expect(abs(try #require(log.growthPerHour(of: \.resident)) - 3_600_000) < 1)
    #expect(log.growthPerHour(of: \.heap) == 0)
    #expect(
      log.summary
        == "after 300 s: resident 300.30 to 301.00 MB (+3.60 MB an hour), heap in use 5.00 to 5.00 MB "
        + "(+0.00 MB an hour), 12 to 13 threads")
  }

  @Test func aShortRunSaysNothingOfGrowth() {
    #expect(Self.log(settle: 990) { Footprint(resident: $0, heap: 0, threads: 1) }.summary == nil)
  }
}
