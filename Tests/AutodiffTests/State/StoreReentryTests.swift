import Synchronization
import Testing
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryAutodiff

/// Kernels that use the store of the run that they are part of, or wait for one that others use.
@Suite(.serialized, .timeLimit(.minutes(2))) struct StoreReentryTests {
  /// Reads a weight, with a callback in a kernel, and assigns nothing or doubles the weight.
  private static func executable(assigning: Bool, _ action: @escaping @Sendable () -> Void) throws
    -> Executable
  {
    let g = GraphBuilder()
    let w = g.parameter("w", [4], initial: .normal(0.5))
    let callback = Callback {
      action()
      return true
    }
    let result = g.apply(callback, to: w)
    var update = Update()
    if assigning { update.assign(w, result + result) }
    let fetched = [sum(result)]
    return try Executable(
      graph: try g.graph(fetching: fetched, updating: update), fetching: fetched, options: CompileOptions())
  }

  private typealias Use = @Sendable (ParameterStore) throws -> Void

  private static func code(_ body: () throws -> Void) -> RunError.Code? {
    do {
      try body()
      return nil
    } catch {
      return (error as? RunError)?.code
    }
  }

  /// What a kernel of an outer run finds when it uses a store; whoever waits for the store meanwhile stays where it is.
  private static func outcomes(
    outer: Bool, _ uses: [Use]
  ) throws -> [RunError.Code?] {
    let seen = Mutex<[RunError.Code?]>([])
    let store = Mutex<ParameterStore?>(nil)
    let waiters = SharedCount()
    let executable = try executable(assigning: outer) {
      guard let store = store.withLock({ $0 }) else { return }
      // Somebody wants to assign, now and for the rest of the run.
      startThread {
        waiters.add()
        try? store.setTensor(Tensor([1 as Float, 2, 3, 4], shape: [4]), named: "w")
        waiters.remove()
      }
      while !store.gate.hasWaiters {}
      for use in uses {
        let code = code { try use(store) }
        seen.withLock { $0.append(code) }
      }
    }
    let target = ParameterStore(executable, seed: 1)
    store.withLock { $0 = target }
    _ = try executable.run(on: Executors.one, target)
    while waiters.value > 0 {}
    return seen.withLock { $0 }
  }

  private static func uses() throws -> [Use] {
    let reading = try executable(assigning: false) {}
    let assigning = try executable(assigning: true) {}
    let tensor = try Tensor([1 as Float, 2, 3, 4], shape: [4])
    return [
      { store in _ = try store.tensor(named: "w") },
      { store in _ = try store.snapshot() },
      { store in _ = try reading.run(on: Executors.one, store) },
      { store in _ = try reading.run(on: Executors.all[1], store) },
      { store in _ = try reading.prepare(on: Executors.one, store).run() },
      { store in
        try store.setTensor(tensor, named: "w")
      },
      { store in _ = try assigning.run(on: Executors.one, store) },
      { store in _ = try assigning.run(on: Executors.all[1], store) },
      { store in _ = try assigning.prepare(on: Executors.one, store).run() },
    ]
  }

  @Test func aRunThatReadsLetsReadersInAndRefusesAssignments() throws {
    let codes = try Self.outcomes(outer: false, Self.uses())
    #expect(codes == [nil, nil, nil, nil, nil, .stateInUse, .stateInUse, .stateInUse, .stateInUse])
  }

  @Test func aRunThatAssignsRefusesAll() throws {
    let codes = try Self.outcomes(outer: true, Self.uses())
    #expect(codes.count == 9 && codes.allSatisfy { $0 == .stateInUse })
  }

  /// The inner use is made by a thread of another executor, by way of a run without a store.
  @Test func whatIsAroundARunIsKnownToEveryThreadOfIt() throws {
    let seen = Mutex<[RunError.Code?]>([])
    let store = Mutex<ParameterStore?>(nil)
    let assigning = try Self.executable(assigning: true) {}
    let g = GraphBuilder()
    let x = g.input("x", [4])
    let callback = Callback {
      guard let store = store.withLock({ $0 }) else { return false }
      let code = Self.code { _ = try assigning.run(on: Executors.one, store) }
      seen.withLock { $0.append(code) }
      return true
    }
    // Several, so that other threads get some.
    let fetched = (0..<8).map { g.apply(callback, to: x + g.constant(Double($0))) }
    let between = try Executable(
      graph: try g.graph(fetching: fetched), fetching: fetched, options: CompileOptions())
    let outer = try Self.executable(assigning: false) {
      _ = try? between.run(on: Executors.all[2], feeding: [x: Tensor([1 as Float, 2, 3, 4], shape: [4])])
    }
    let target = ParameterStore(outer, seed: 1)
    store.withLock { $0 = target }
    _ = try outer.run(on: Executors.one, target)
    let codes = seen.withLock { $0 }
    #expect(codes.count == 8 && codes.allSatisfy { $0 == .stateInUse })
  }

  /// All workers are in bodies that wait for a store; the step that has it needs a worker to go on.
  @Test(arguments: [1, 2, 3]) func bodiesThatWaitLetTheStepOn(_ workers: Int) throws {
    let executor = try GraphExecutor(workers: workers)
    let arrived = SharedCount()
    let step = try Self.executable(assigning: true) {}
    let store = ParameterStore(step, seed: 1)
    let reading = try Self.executable(assigning: false) {}
    var builder = TaskGraphBuilder()
    for _ in 0..<workers {
      builder.add { _ in
        arrived.add()
        _ = try reading.run(on: executor, store)
      }
    }
    let graph = try builder.build()
    // Has the store, not yet a worker.
    store.gate.enter(.assigning)
    let ended = SharedCount()
    for _ in 0..<workers {
      startThread {
        _ = try? executor.run(graph)
        ended.add()
      }
    }
    while arrived.value < workers {}
    _ = try executor.runBlocking(step.taskGraph, argument: nil, options: RunOptions(), mayBorrow: true)
    store.gate.leave(.assigning)
    while ended.value < workers {}
    #expect(arrived.value == workers * workers)
  }
}
