import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite(.serialized) struct EventCountTests {
  final class Shared: @unchecked Sendable {
    // SAFETY: an event count is made for several threads; its memory is this object's.
    let count = UnsafeMutablePointer<EventCount>.allocate(capacity: 1)
    let items = Atomic<Int>(0)
    let taken = Atomic<Int>(0)
    let isOver = Atomic(false)

    init() { count.initialize(to: EventCount()) }
    deinit { count.deallocate() }

    var hasSleepers: Bool { count.pointee.hasSleepers }
    func announce() { count.pointee.announce() }
    func cancel() -> Bool { count.pointee.cancel() }
    func sleep(timeout: Int64? = nil) -> Bool { count.pointee.sleep(timeout: timeout) }
    @discardableResult func notifyOne() -> Bool { count.pointee.notifyOne() }
    func notifyAll() { count.pointee.notifyAll() }

    func tryTake() -> Bool {
      var seen = items.load(ordering: .sequentiallyConsistent)
      while seen > 0 {
        let (exchanged, original) = items.compareExchange(
          expected: seen, desired: seen - 1, ordering: .sequentiallyConsistent)
        if exchanged { return true }
        seen = original
      }
      return false
    }
  }

  @Test func nobodyToWake() {
    let shared = Shared()
    #expect(!shared.hasSleepers)
    #expect(!shared.notifyOne())
    shared.notifyAll()
    shared.announce()
    #expect(shared.hasSleepers)
    #expect(!shared.cancel())
    #expect(!shared.hasSleepers)
  }

  @Test func aNotifiedSleeperDoesNotSleep() {
    let shared = Shared()
    shared.announce()
    #expect(shared.notifyOne())
    #expect(shared.sleep())
    shared.announce()
    #expect(shared.notifyOne())
    #expect(shared.cancel())
  }

  @Test func timesOut() {
    let shared = Shared()
    shared.announce()
    #expect(!shared.sleep(timeout: 1_000_000))
    #expect(!shared.hasSleepers)
  }

  /// Every item that is put is taken, although takers sleep whenever they find none: a lost wake-up hangs.
  @Test(arguments: [1, 3]) func losesNoWakeUp(_ takers: Int) {
    let total = 5_000
    let shared = Shared()
    withWatchdog {
      onThreads(takers + 2) { [shared] index in
        if index < 2 {
          for _ in 0..<total / 2 {
            shared.items.wrappingAdd(1, ordering: .sequentiallyConsistent)
            if shared.hasSleepers { shared.notifyOne() }
          }
          return
        }
        while !shared.isOver.load(ordering: .sequentiallyConsistent) {
          if shared.tryTake() {
            if shared.taken.wrappingAdd(1, ordering: .relaxed).newValue == total {
              shared.isOver.store(true, ordering: .sequentiallyConsistent)
              shared.notifyAll()
            }
            continue
          }
          shared.announce()
          if shared.items.load(ordering: .sequentiallyConsistent) > 0
            || shared.isOver.load(ordering: .sequentiallyConsistent)
          {
            _ = shared.cancel()
          } else {
            _ = shared.sleep()
          }
        }
      }
    }
    #expect(shared.taken.load(ordering: .relaxed) == total)
    #expect(!shared.hasSleepers)
  }
}
