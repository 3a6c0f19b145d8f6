#if DEBUG || TRIBUTARY_SIMULATION
  internal import CSchedulerShims
  internal import Glibc

  /// The machine that simulated threads run on: sleeping and waking, the clock, threads.
  extension Simulator {
    /// As a futex: sleeps unless the word has another value by now.
    func wait(on word: UnsafeRawPointer, while value: UInt32, timeout: Int64) {
      step()
      if word.load(as: UInt32.self) != value { return }
      let limit = timeout < 0 ? Int64.max : state.pointee.now.addingReportingOverflow(timeout).partialValue
      state.pointee.nextTimer = min(state.pointee.nextTimer, limit)
      sleep(.asleep(word: word, until: limit))
    }

    /// Wakes those who sleep on a word, the first of them first.
    func wake(_ word: UnsafeRawPointer, count: Int) {
      step()
      var left = count
      for index in state.pointee.threads.indices where left > 0 {
        guard case .asleep(word, _) = state.pointee.threads[index].state else { continue }
        state.pointee.threads[index].state = .runnable
        left -= 1
      }
      // A policy that goes by priority has a new choice.
      state.pointee.untilChoice = 0
    }

    func readClock() -> Int64 {
      step()
      return state.pointee.now
    }

    /// One round of a spin loop.
    func giveWay() {
      state.pointee.steps &+= 1
      state.pointee.now &+= Simulator.stepTime
      state.pointee.policy.giveWay(&state.pointee.threads[state.pointee.current])
      goOn()
    }

    /// Lets simulated time pass, as a computation would.
    func pass(nanoseconds: Int64) {
      state.pointee.now &+= nanoseconds
      step()
    }

    /// Starts a thread, which begins at some later step.
    func start(name: String, _ body: @escaping () -> Void) -> pthread_t {
      let begin = ThreadStart(simulator: self, body: body)
      // SAFETY: the new fibre takes the reference over; one that never runs keeps it, and only a failed simulation has such.
      let argument = Unmanaged.passRetained(begin).toOpaque()
      guard let fibre = tributary_fibre_create(1 << 20, { ThreadStart.run($0) }, argument) else {
        preconditionFailure("no memory for a simulated thread's stack")
      }
      var thread = SimulatedThread(fibre: fibre, name: "\(name) \(state.pointee.threads.count)")
      state.pointee.policy.add(&thread)
      state.pointee.threads.append(thread)
      state.pointee.untilChoice = 0
      return pthread_t(state.pointee.threads.count - 1)
    }

    func join(_ handle: pthread_t) {
      step()
      while state.pointee.threads[Int(handle)].state != .ended { sleep(.joining(Int(handle))) }
    }

    func rename(_ name: String) { state.pointee.threads[state.pointee.current].name = name }

    private func sleep(_ reason: SimulatedThread.State) {
      state.pointee.threads[state.pointee.current].state = reason
      goOn()
    }
  }

  /// What a fibre is told when it begins.
  private final class ThreadStart {
    let simulator: Simulator
    let body: () -> Void

    init(simulator: Simulator, body: @escaping () -> Void) {
      self.simulator = simulator
      self.body = body
    }

    static func run(_ raw: UnsafeMutableRawPointer?) {
      let simulator = work(raw)
      simulator?.end()
    }

    /// Nothing of the body is left on the stack when this returns, since a fibre's last function never does.
    @inline(never)
    private static func work(_ raw: UnsafeMutableRawPointer?) -> Simulator? {
      guard let raw else { return nil }
      // SAFETY: takes over the reference that `start` retained.
      let start = Unmanaged<ThreadStart>.fromOpaque(raw).takeRetainedValue()
      start.body()
      return start.simulator
    }
  }
#endif
