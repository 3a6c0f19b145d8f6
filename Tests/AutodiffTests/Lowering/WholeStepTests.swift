import Synchronization
import Testing
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryAutodiff

/// Steps are all or nothing.
@Suite(.serialized) struct WholeStepTests {
  /// Three weights updated from gradients that pass through an operator of the test.
  private func step(
    _ callback: (Int) -> Callback, last: ((GraphBuilder, Value) -> Value)? = nil
  ) throws -> (executable: Executable, feeds: [Value: Tensor]) {
    let g = GraphBuilder()
    let x = g.input("x", [4, 4])
    var h = x
    var weights: [Value] = []
    for layer in 0..<3 {
      weights.append(g.parameter("w\(layer)", [4, 4], initial: .normal(0.5)))
      h = tanh(matmul(h, weights[layer]))
    }
    let loss = mean(square(h))
    let gradients = g.gradients(of: loss, withRespectTo: weights)
    var update = Update()
    for (layer, w) in weights.enumerated() {
      let slope = g.apply(callback(layer), to: gradients[w])
      let moved = g.apply(SGDUpdate(), to: w, slope, g.constant(0.1))
      update.assign(w, last?(g, moved) ?? moved)
    }
    let graph = try g.graph(fetching: [loss], updating: update)
    let executable = try Executable(
      graph: graph, fetching: [loss], options: CompileOptions(granularity: .whole))
    return (executable, [x: try Model.noise([4, 4], stream: 1)])
  }

  private func bytes(_ store: ParameterStore) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for name in store.names { result[name] = try store.tensor(named: name).bytes }
    return result
  }

  @Test func cancellationAtAnyTaskChangesAllOrNothing() throws {
    let calls = Counter()
    let cancelAt = Atomic(-1)
    let token = Mutex(CancellationToken())
    let (executable, feeds) = try step { _ in
      Callback {
        if calls.next() == cancelAt.load(ordering: .relaxed) { token.withLock { $0 }.cancel() }
        return true
      }
    }
    let store = ParameterStore(executable, seed: 1)
    let start = try store.snapshot()
    let before = try bytes(store)
    for executor in Executors.all {
      _ = try executable.run(on: executor, store, feeding: feeds)
      let after = try bytes(store)
      #expect(after != before)
      var changed = 0
      for task in 0..<3 {
        try store.restore(start)
        token.withLock { $0 = CancellationToken() }
        cancelAt.store(calls.count + task, ordering: .relaxed)
        do {
          _ = try executable.run(
            on: executor, store, feeding: feeds, options: RunOptions(cancellation: token.withLock { $0 }))
          #expect(try bytes(store) == after)
          changed += 1
        } catch let error as RunError {
          #expect(error.code == .cancelled)
          #expect(try bytes(store) == before)
        }
        #expect(store.isConsistent)
      }
      cancelAt.store(-1, ordering: .relaxed)
      try store.restore(start)
      if executor.workerCount == 1 { #expect(changed > 0 && changed < 3) }
    }
  }

  @Test func aFaultBeforeTheGateChangesNothing() throws {
    for failing in 0..<3 {
      let (executable, feeds) = try step { layer in Callback(canFault: true) { layer != failing } }
      for executor in Executors.all {
        let store = ParameterStore(executable, seed: 1)
        let before = try bytes(store)
        do {
          _ = try executable.run(on: executor, store, feeding: feeds)
          Issue.record("the step did not fail")
        } catch {
          #expect(error.code == .taskFailed)
          #expect(error.operatorName == "callback")
          #expect(error.source?.hasPrefix("WholeStepTests.swift:") == true)
          #expect("\(error)".contains("error 7"))
        }
        #expect(try bytes(store) == before)
        #expect(store.isConsistent)
      }
    }
  }

  @Test func aFailureAmidAssignmentsMarksTheStore() throws {
    // Not said to fault, so nothing waits for it: in program order the other weights are assigned by then.
    let fails = Atomic(true)
    let (executable, feeds) = try step { layer in
      Callback { layer != 2 || !fails.load(ordering: .relaxed) }
    }
    let store = ParameterStore(executable, seed: 1)
    let start = try store.snapshot()
    do {
      _ = try executable.run(
        inOrder: Array(0..<executable.plan.taskCount), store,
        feeding: Dictionary(uniqueKeysWithValues: feeds.map { ($0.key.name, $0.value) }))
      Issue.record("the step did not fail")
    } catch let error as RunError {
      #expect(error.code == .stateInconsistent)
    }
    #expect(!store.isConsistent)
    #expect(throws: RunError.self) { try store.snapshot() }
    do {
      _ = try executable.run(on: Executors.one, store, feeding: feeds)
      Issue.record("an inconsistent store was used")
    } catch {
      #expect(error.code == .stateInconsistent)
    }
    try store.restore(start)
    #expect(store.isConsistent)
    fails.store(false, ordering: .relaxed)
    _ = try executable.run(on: Executors.one, store, feeding: feeds)
  }

  @Test func aDeadlineStopsAStepBeforeItsFirstAssignment() throws {
    let (executable, feeds) = try step { _ in Callback { true } }
    let store = ParameterStore(executable, seed: 1)
    let before = try bytes(store)
    do {
      _ = try executable.run(
        on: Executors.one, store, feeding: feeds, options: RunOptions(deadline: .nanoseconds(0)))
      Issue.record("the deadline was not noticed")
    } catch {
      #expect(error.code == .deadlineExceeded)
    }
    #expect(try bytes(store) == before)
  }

  @Test func valuesThatAreNotFiniteStopAStep() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let w = g.parameter("w", [2], initial: .constant(1))
    let loss = sum(log(x) * w)
    let gradient = g.gradients(of: loss, withRespectTo: [w])[w]
    let check = g.apply(CheckFinite(), to: loss)
    let graph = try g.graph(
      fetching: [loss, check], updating: Update([.init(state: w, value: w - gradient)]))
    let executable = try Executable(graph: graph, fetching: [loss, check], options: CompileOptions())
    let store = ParameterStore(executable, seed: 1)
    let before = try bytes(store)
    for executor in Executors.all {
      do {
        _ = try executable.run(on: executor, store, feeding: [x: Tensor([0 as Float, 1], shape: [2])])
        Issue.record("an infinite loss was accepted")
      } catch let error as RunError {
        #expect(error.code == .notFinite)
        #expect("\(error)".contains("check_finite"))
      }
      #expect(try bytes(store) == before)
    }
    _ = try executable.run(on: Executors.one, store, feeding: [x: Tensor([3 as Float, 2], shape: [2])])
    #expect(try bytes(store) != before)
  }

  @Test func aRunFromInsideAStepOfTheSameStoreIsRefused() throws {
    let inner = Mutex<(@Sendable () -> RunError.Code?)?>(nil)
    let seen = Mutex<RunError.Code?>(nil)
    let (executable, feeds) = try step { layer in
      Callback {
        if layer == 1, let call = inner.withLock({ $0 }) {
          let code = call()
          seen.withLock { $0 = code }
        }
        return true
      }
    }
    let store = ParameterStore(executable, seed: 1)
    let other = ParameterStore(executable, seed: 2)
    for target in [store, other] {
      inner.withLock {
        $0 = {
          // Without the callback calling itself again.
          inner.withLock { $0 = nil }
          do throws(RunError) {
            _ = try executable.run(on: Executors.all[1], target, feeding: feeds)
            return nil
          } catch {
            return error.code
          }
        }
      }
      _ = try executable.run(on: Executors.one, store, feeding: feeds)
      #expect(seen.withLock { $0 } == (target === store ? .stateInUse : nil))
    }
  }
}
