import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite(.serialized) struct WorkStealingDequeTests {
  /// A deque of its own memory.
  final class Deque: @unchecked Sendable {
    // SAFETY: the memory is the deque's, which is made for several threads.
    let view: WorkStealingDeque

    init(capacity: Int) {
      let ends = UnsafeMutablePointer<DequeEnds>.allocate(capacity: 1)
      ends.initialize(to: DequeEnds())
      let tasks = UnsafeMutablePointer<TributaryScheduler.Atomic<UInt32>>.allocate(capacity: capacity)
      for index in 0..<capacity { (tasks + index).initialize(to: TributaryScheduler.Atomic(0)) }
      view = WorkStealingDeque(ends: ends, tasks: tasks, mask: Int64(capacity - 1))
    }

    deinit {
      view.ends.deallocate()
      view.tasks.deallocate()
    }
  }

  @Test func popsTheNewestAndStealsTheOldest() {
    let owner = Deque(capacity: 8)
    defer { withExtendedLifetime(owner) {} }
    let deque = owner.view
    #expect(deque.pop() == WorkStealingDeque.none)
    for task in 1...5 as ClosedRange<UInt32> { deque.push(task) }
    #expect(deque.count == 5)
    #expect(deque.pop() == 5)
    guard case .task(1) = deque.steal() else {
      Issue.record("the oldest was not stolen")
      return
    }
    #expect([deque.pop(), deque.pop(), deque.pop(), deque.pop()] == [4, 3, 2, WorkStealingDeque.none])
    #expect(deque.isEmpty)
    guard case .empty = deque.steal() else {
      Issue.record("an empty deque gave something")
      return
    }
  }

  @Test func goesRoundItsRingManyTimes() {
    let owner = Deque(capacity: 4)
    defer { withExtendedLifetime(owner) {} }
    let deque = owner.view
    for round in 0..<100 as Range<UInt32> {
      for task in 0..<4 as Range<UInt32> { deque.push(round * 4 + task) }
      guard case .task(round * 4) = deque.steal() else {
        Issue.record("round \(round)")
        return
      }
      for task in (1..<4 as Range<UInt32>).reversed() { #expect(deque.pop() == round * 4 + task) }
    }
  }

  @Test(arguments: [1, 2, 4]) func givesEachTaskToExactlyOneThread(_ thieves: Int) {
    let total = 40_000
    let deque = Deque(capacity: 64)
    let taken = UnsafeMutablePointer<Atomic<Int32>>.allocate(capacity: total)
    for task in 0..<total { (taken + task).initialize(to: Atomic(0)) }
    nonisolated(unsafe) let counts = taken
    let isOver = Atomic(false)
    withWatchdog {
      onThreads(thieves + 1) { [deque] index in
        func take(_ task: UInt32) { counts[Int(task)].wrappingAdd(1, ordering: .relaxed) }
        if index > 0 {
          while !isOver.load(ordering: .acquiring) {
            if case .task(let task) = deque.view.steal() { take(task) }
          }
          return
        }
        var random = SplitMix64(seed: UInt64(thieves))
        var next: UInt32 = 0
        while next < total {
          for _ in 0..<Int.random(in: 1...5, using: &random) where next < total && deque.view.count < 60 {
            deque.view.push(next)
            next += 1
          }
          for _ in 0..<Int.random(in: 0...5, using: &random) {
            let task = deque.view.pop()
            if task != WorkStealingDeque.none { take(task) }
          }
        }
        while !deque.view.isEmpty {
          let task = deque.view.pop()
          if task != WorkStealingDeque.none { take(task) }
        }
        isOver.store(true, ordering: .releasing)
      }
    }
    #expect((0..<total).allSatisfy { taken[$0].load(ordering: .relaxed) == 1 })
    taken.deallocate()
  }

  @Test func publishesWhatWasWrittenBeforeThePush() {
    let total = 20_000
    let deque = Deque(capacity: 32_768)
    nonisolated(unsafe) let cells = UnsafeMutablePointer<Int>.allocate(capacity: total)
    cells.initialize(repeating: 0, count: total)
    let wrong = Atomic(0)
    let seen = Atomic(0)
    withWatchdog {
      onThreads(3) { [deque] index in
        if index == 0 {
          for task in 0..<total {
            cells[task] = task + 1
            deque.view.push(UInt32(task))
          }
        } else {
          while seen.load(ordering: .relaxed) < total {
            guard case .task(let task) = deque.view.steal() else { continue }
            if cells[Int(task)] != Int(task) + 1 { wrong.wrappingAdd(1, ordering: .relaxed) }
            seen.wrappingAdd(1, ordering: .relaxed)
          }
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
    cells.deallocate()
  }
}
