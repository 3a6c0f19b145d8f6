internal import Foundation

/// The processor time that executors use while nobody asks anything of them.
enum IdleUse {
  /// Milliseconds of processor time of the executors' threads in a second, over a pause of so many seconds.
  static func milliseconds(perSecondsOf seconds: Double) -> Double {
    // Until every thread sleeps.
    usleep(50_000)
    let before = ExecutorThreads.processorSeconds
    Thread.sleep(forTimeInterval: seconds)
    return (ExecutorThreads.processorSeconds - before) / seconds * 1e3
  }
}
