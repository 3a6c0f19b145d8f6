internal import CSchedulerShims
internal import Glibc

/// `SIGUSR1` writes `GraphExecutor.describeAll()` to standard error: for commands, when somebody wonders what they are doing.
///
/// The handler only writes to an event descriptor; a thread of its own reads it and prints, so that the text comes out
/// even if every other thread is stuck. That thread sleeps, holds no slot and is the only one to take the signal.
/// `TRIBUTARY_SIGUSR1=0` in the environment does without it.
package enum StateSignal {
  /// Begins to listen. Called once, by the main thread, before there are others: those started later do not take the signal.
  ///
  /// - Returns: whether there is a thread that listens.
  @discardableResult
  package static func install() -> Bool {
    if getenv("TRIBUTARY_SIGUSR1").map({ String(cString: $0) }) == "0" { return false }
    let descriptor = tributary_signal_descriptor(SIGUSR1)
    if descriptor < 0 { return false }
    var handle = pthread_t()
    let error = Machine.startThread(
      &handle, { StateSignal.listen($0) }, UnsafeMutableRawPointer(bitPattern: Int(descriptor)))
    if error == 0 { Machine.detach(handle) }
    return error == 0
  }

  private static func listen(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let descriptor = Int32(truncatingIfNeeded: Int(bitPattern: argument))
    Machine.nameThread("tributary-state")
    while tributary_signal_wait(SIGUSR1, descriptor) != 0 {
      let states = GraphExecutor.describeAll()
      var text = states.isEmpty ? "tributary: no executor\n" : states
      text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { tributary_write_error($0.baseAddress, Int64($0.count)) }
      }
    }
    return nil
  }
}
