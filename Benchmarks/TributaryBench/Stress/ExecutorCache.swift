internal import TributaryScheduler

/// How an executor of the stress run is set up.
struct ExecutorSetting: Hashable, Sendable, CustomStringConvertible {
  /// Its threads, the caller included.
  var workers: Int
  /// Whether it opens every run to other threads at once; else only those worth it.
  var sharesAlways: Bool
  /// How long idle threads look for work before they sleep, or nil for the default.
  var spin: Duration?

  var description: String {
    "\(workers) threads" + (sharesAlways ? ", always sharing" : "")
      + (spin == .zero ? ", never spinning" : "")
  }
}

/// A few executors that are kept for several cases, so that starting threads is tested but does not fill the time.
struct ExecutorCache {
  private var executors: [ExecutorSetting: GraphExecutor] = [:]
  private var uses = 0
  /// Whether executors stay to the end.
  private let isLasting: Bool

  init(lasting: Bool) { isLasting = lasting }

  /// An executor of this setting; every 50 uses all are shut down and new ones made. Where they stay to the end, they are
  /// few, so that what each keeps settles soon: all share always.
  mutating func executor(_ asked: ExecutorSetting) throws -> GraphExecutor {
    var setting = asked
    if isLasting { setting.sharesAlways = true }
    uses += 1
    if !isLasting && uses % 50 == 0 {
      for executor in executors.values { executor.shutdown() }
      executors = [:]
    }
    if let executor = executors[setting] { return executor }
    let executor = try GraphExecutor(
      GraphExecutor.Configuration(
        workers: setting.workers, sharing: setting.sharesAlways ? .always : .whenWorthwhile,
        spin: setting.spin))
    executors[setting] = executor
    return executor
  }
}
