internal import ArgumentParser
internal import Foundation
internal import Synchronization

/// Whether the user has asked to stop (SIGINT). The first interrupt is noted, a second one ends the process at once.
///
/// Only the main thread takes the signal, and on a stack of its own: generated kernels of libraries use the stack
/// pointer for other ends while they compute, so that a handler's frame must not be put where it points.
enum Interrupt {
  // A lock-free atomic is the only thing that a signal handler may write; it is set up before the handler is.
  private static let requested = Atomic<Bool>(false)

  private static let stackByteCount = 1 << 16

  /// Calls `body` with interrupts held back; threads made in it never take them.
  static func sparingThreads<Result>(_ body: () throws -> Result) rethrows -> Result {
    var interrupts = interruptSet()
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &interrupts, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try body()
  }

  /// Begins to note interrupts. Called by the main thread.
  static func install() {
    _ = isRequested
    // SAFETY: the stack is never freed, since the handler may use it until the process ends.
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: stackByteCount, alignment: 64)
    stack.ss_size = stackByteCount
    sigaltstack(&stack, nil)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      // ORDERING: relaxed; the flag publishes nothing but itself.
      Interrupt.requested.store(true, ordering: .relaxed)
    }
    action.sa_flags = SA_RESTART | SA_ONSTACK | Int32(bitPattern: UInt32(SA_RESETHAND))
    sigaction(SIGINT, &action, nil)
    // A parent may have started the process with the signal blocked.
    var interrupts = interruptSet()
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

  private static func interruptSet() -> sigset_t {
    var interrupts = sigset_t()
    sigemptyset(&interrupts)
    sigaddset(&interrupts, SIGINT)
    return interrupts
  }
}

/// Writes a line to standard error.
func printError(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
