internal import Glibc

/// The number of threads that a user asks for.
public enum ThreadCount {
  /// The numbers that may be asked for.
  public static let range = 1...1024

  /// The environment variable that asks where nothing else does.
  public static let environmentVariable = "TRIBUTARY_THREADS"

  /// A number asked for, with who asks.
  public struct Request: Hashable, Sendable {
    /// How many threads.
    public let count: Int
    /// Who asks, for messages: an option, a variable, the caller.
    public let source: String

    /// A request for a number of threads.
    ///
    /// - Throws: `SchedulerError` with code `invalidThreadCount` for a number outside `ThreadCount.range`.
    public init(_ count: Int, by source: String = "the caller") throws(SchedulerError) {
      guard range.contains(count) else { throw ThreadCount.invalid("\(count)", source) }
      self.count = count
      self.source = source
    }
  }

  /// The request that holds: the explicit one, else that of the environment variable, else none.
  ///
  /// - Parameters:
  ///   - explicit: what a caller or an option says, or nil.
  ///   - source: who says so, for messages, for instance `--threads`.
  ///   - environment: the variable's text; empty counts as not set.
  /// - Throws: `SchedulerError` with code `invalidThreadCount` when the request that holds is no whole number from 1 to 1024.
  public static func request(
    _ explicit: Int?, by source: String = "the caller", environment: String? = ThreadCount.environment
  ) throws(SchedulerError) -> Request? {
    if let explicit { return try Request(explicit, by: source) }
    guard let environment, !environment.isEmpty else { return nil }
    guard let count = Int(environment) else { throw invalid(environment, environmentVariable) }
    return try Request(count, by: environmentVariable)
  }

  /// The text of the environment variable now, or nil when it is not set.
  public static var environment: String? {
    getenv(environmentVariable).map { String(cString: $0) }
  }

  private static func invalid(_ text: String, _ source: String) -> SchedulerError {
    SchedulerError(
      .invalidThreadCount,
      "\(source) asks for “\(text)” threads: give a whole number from \(range.lowerBound) to \(range.upperBound)"
    )
  }
}
