import Glibc

/// Whether this process may fork and go on in the child: ThreadSanitizer does not support threads there.
let canFork = dlsym(nil, "__tsan_init") == nil

/// `fork`, which Swift hides since most of a process does not survive it.
func forkProcess() -> pid_t {
  typealias Fork = @convention(c) () -> pid_t
  guard let symbol = dlsym(nil, "fork") else { fatalError("no fork") }
  return unsafeBitCast(symbol, to: Fork.self)()
}

/// Waits for a child for at most 20 seconds, then kills it.
///
/// - Returns: its exit status, or -1 if it was killed or crashed.
func wait(for child: pid_t) -> Int32 {
  var status: Int32 = 0
  for _ in 0..<20_000 {
    if waitpid(child, &status, WNOHANG) == child {
      // Exited by itself: the low seven bits are zero, the next eight the status.
      return status & 0x7F == 0 ? status >> 8 & 0xFF : -1
    }
    usleep(1_000)
  }
  kill(child, SIGKILL)
  waitpid(child, &status, 0)
  return -1
}

/// Runs a body in a forked child.
///
/// - Returns: what it returned, or -1 if the child hung or crashed.
func childStatus(_ body: () -> Int32) -> Int32 {
  let child = forkProcess()
  if child == 0 { _exit(body()) }
  return wait(for: child)
}

/// Runs a body in a forked child, and ends this process with the child's status unless it is 0, or 99 if the child hung.
func inChild(_ body: () -> Int32) {
  let status = childStatus(body)
  if status != 0 { exit(status > 0 ? status : 99) }
}
