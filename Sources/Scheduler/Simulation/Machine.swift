internal import CSchedulerShims
internal import Glibc

/// What the executor asks of the machine: to sleep and to wake, the time, threads. In a simulation the simulator answers.
enum Machine {
  /// Sleeps while a word of 32 bits has a value, until woken, or for at most so many nanoseconds if these are not
  /// negative. May return early.
  @inline(__always)
  static func wait(on word: UnsafeRawPointer, while value: UInt32, timeout: Int64) {
    #if DEBUG || TRIBUTARY_SIMULATION
      if let simulator = Simulator.current { return simulator.wait(on: word, while: value, timeout: timeout) }
    #endif
    _ = tributary_futex_wait(word.assumingMemoryBound(to: UInt32.self), value, timeout)
  }

  /// Wakes so many of those who sleep on a word.
  @inline(__always)
  static func wake(_ word: UnsafeRawPointer, count: Int32) {
    #if DEBUG || TRIBUTARY_SIMULATION
      if let simulator = Simulator.current { return simulator.wake(word, count: Int(count)) }
    #endif
    tributary_futex_wake(word.assumingMemoryBound(to: UInt32.self), count)
  }

  /// Takes a mutex of the system's. Simulated threads, all of them on one, wait for each other in the simulation.
  @inline(__always)
  static func lock(_ mutex: UnsafeMutablePointer<pthread_mutex_t>) {
    #if DEBUG || TRIBUTARY_SIMULATION
      Simulator.current?.take(mutex)
    #endif
    pthread_mutex_lock(mutex)
  }

  /// Gives a mutex of the system's back.
  @inline(__always)
  static func unlock(_ mutex: UnsafeMutablePointer<pthread_mutex_t>) {
    pthread_mutex_unlock(mutex)
    #if DEBUG || TRIBUTARY_SIMULATION
      Simulator.current?.giveBack(mutex)
    #endif
  }

  /// Nanoseconds of the monotonic clock.
  @inline(__always)
  static var nanoseconds: Int64 {
    #if DEBUG || TRIBUTARY_SIMULATION
      if let simulator = Simulator.current { return simulator.readClock() }
    #endif
    return tributary_nanoseconds()
  }

  /// Lets others go first for a moment.
  @inline(__always)
  static func relax() {
    #if DEBUG || TRIBUTARY_SIMULATION
      if let simulator = Simulator.current { return simulator.giveWay() }
    #endif
    tributary_relax()
  }

  /// Starts a thread, with a stack of so many bytes or of the system's choice.
  ///
  /// - Returns: 0, or an error number.
  @inline(__always)
  static func startThread(
    _ handle: inout pthread_t, stackSize: Int? = nil,
    _ main: @escaping @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?,
    _ argument: UnsafeMutableRawPointer?
  ) -> Int32 {
    #if DEBUG || TRIBUTARY_SIMULATION
      if let simulator = Simulator.current {
        handle = simulator.start(name: "thread") { _ = main(argument) }
        return 0
      }
    #endif
    return tributary_thread_start(&handle, stackSize ?? 0, main, argument)
  }

  /// Waits for a thread's end.
  @inline(__always)
  static func join(_ handle: pthread_t) {
    #if DEBUG || TRIBUTARY_SIMULATION
      if let simulator = Simulator.current { return simulator.join(handle) }
    #endif
    pthread_join(handle, nil)
  }

  /// Lets a thread go, for which nobody will wait.
  @inline(__always)
  static func detach(_ handle: pthread_t) {
    #if DEBUG || TRIBUTARY_SIMULATION
      if Simulator.current != nil { return }
    #endif
    pthread_detach(handle)
  }

  /// Names the calling thread; at most 15 bytes.
  @inline(__always)
  static func nameThread(_ name: String) {
    #if DEBUG || TRIBUTARY_SIMULATION
      if let simulator = Simulator.current { return simulator.rename(name) }
    #endif
    tributary_thread_name(name)
  }

  /// Binds the calling thread to the CPUs of a bitmap.
  @inline(__always)
  static func bindThread(_ cpus: [UInt64]) {
    #if DEBUG || TRIBUTARY_SIMULATION
      if Simulator.current != nil { return }
    #endif
    _ = tributary_thread_bind(cpus, Int32(cpus.count))
  }

  /// Moves the calling thread to a CPU if it runs on one of those in a bitmap.
  @inline(__always)
  static func moveThread(to cpu: Int32, ifOn words: UnsafeBufferPointer<UInt64>) {
    #if DEBUG || TRIBUTARY_SIMULATION
      if Simulator.current != nil { return }
    #endif
    let current = Int(tributary_current_cpu())
    guard current >= 0, current / 64 < words.count, words[current / 64] >> UInt64(current % 64) & 1 == 1
    else { return }
    tributary_thread_move(cpu)
  }
}
