import Synchronization
import Testing
import TributaryTestSupport

@testable import TributaryScheduler

@Suite(.serialized) struct VisitGateTests {
  @Test func countsVisitors() {
    let gate = VisitGate()
    func state() -> [Bool] { [gate.isOpen, gate.isVacant] }
    #expect(state() == [false, true])
    let early = gate.enter()
    #expect(!early)
    gate.openGate()
    let entered = gate.enter()
    #expect(entered)
    #expect(state() == [true, false])
    gate.closeGate()
    #expect(state() == [false, false])
    let late = gate.enter()
    #expect(!late)
    gate.leave()
    #expect(state() == [false, true])
  }

  /// The owner writes plain memory whenever the gate is closed and vacant; visitors read it inside.
  @Test func nobodyIsInsideAVacantGate() {
    final class Room: @unchecked Sendable {
      // SAFETY: value is written only by the owner while the gate is vacant.
      let gate = VisitGate()
      var value = 0
      let isOver = Atomic(false)
      let wrong = Atomic(0)
    }
    let room = Room()
    withWatchdog {
      onThreads(3) { [room] index in
        if index == 0 {
          for round in 1...2_000 {
            while !room.gate.isVacant {}
            room.value = round
            room.value = -round
            room.gate.openGate()
            room.gate.closeGate()
          }
          room.isOver.store(true, ordering: .releasing)
        } else {
          while !room.isOver.load(ordering: .acquiring) {
            guard room.gate.enter() else { continue }
            if room.value > 0 { room.wrong.wrappingAdd(1, ordering: .relaxed) }
            room.gate.leave()
          }
        }
      }
    }
    #expect(room.wrong.load(ordering: .relaxed) == 0)
  }
}
