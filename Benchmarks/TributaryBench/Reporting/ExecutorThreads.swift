internal import Foundation

/// The threads of this process that executors started, found by their names.
enum ExecutorThreads {
  private static let folder = "/proc/self/task"

  /// Their numbers in the system.
  static var all: [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { text("\($0)/comm").firstMatch(of: /^tributary-[0-9]/) != nil }.compactMap {
      pid_t($0)
    }
  }

  /// The seconds of processor time that they have used, all together.
  static var processorSeconds: Double {
    all.reduce(0) { sum, thread in
      // The first number is nanoseconds on a processor.
      sum + (Double(text("\(thread)/schedstat").prefix { $0 != " " }) ?? 0) * 1e-9
    }
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)) ?? ""
  }
}
