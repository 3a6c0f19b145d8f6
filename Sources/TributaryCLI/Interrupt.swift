internal import ArgumentParser
internal import Foundation
internal import Synchronization

/// Whether the user has asked to stop (SIGINT). The first interrupt is noted, a second one ends the process at once.
enum Interrupt {
  // A lock-free atomic is the only thing that a signal handler may write; it is set up before the handler is.
  private static let requested = Atomic<Bool>(false)

  /// Begins to note interrupts.
  static func install() {
    _ = isRequested
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      // ORDERING: relaxed; the flag publishes nothing but itself.
      Interrupt.requested.store(true, ordering: .relaxed)
    }
    action.sa_flags = SA_RESTART | Int32(bitPattern: UInt32(SA_RESETHAND))
    sigaction(SIGINT, &action, nil)
    // A parent may have started the process with the signal blocked.
    var interrupts = sigset_t()
    sigemptyset(&interrupts)
    sigaddset(&interrupts, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupts, nil)
  }

  /// Whether an interrupt has come.
  static var isRequested: Bool {
    // ORDERING: relaxed; the flag publishes nothing but itself.
    requested.load(ordering: .relaxed)
  }

  /// The way to end after an interrupt.
  static func exit(checkpoint: String?) -> ExitCode {
    let saved = checkpoint.map { "the state is in \($0); go on with --resume \($0)" }
    printError("interrupted; " + (saved ?? "nothing was saved, for want of --checkpoint"))
    return ExitCode(130)
  }
}

/// Writes a line to standard error.
func printError(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
