internal import Foundation
internal import Synchronization

/// Threads that do the same thing side by side.
package enum SideBySide {
  /// Calls a function on so many threads at once, with the number of each, and waits for all; the first error is thrown.
  package static func run<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
  ) throws -> [Value] {
    let results = Results<Value>(count: count)
    let group = DispatchGroup()
    for index in 0..<count {
      group.enter()
      Thread.detachNewThread {
        results.set(index, Result { try body(index) })
        group.leave()
      }
    }
    group.wait()
    return try results.all()
  }

  private final class Results<Value: Sendable>: Sendable {
    private let results: Mutex<[Result<Value, any Error>?]>

    init(count: Int) { results = Mutex(Array(repeating: nil, count: count)) }

    func set(_ index: Int, _ result: Result<Value, any Error>) { results.withLock { $0[index] = result } }

    func all() throws -> [Value] { try results.withLock { $0 }.compactMap { try $0?.get() } }
  }
}
