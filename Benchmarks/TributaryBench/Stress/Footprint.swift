internal import CHeap
internal import Foundation

/// What this process holds: resident memory, bytes in use of the heap, threads.
struct Footprint: Sendable, Equatable {
  /// Bytes of memory that are resident.
  var resident: Int
  /// Bytes that the heap has handed out and not taken back.
  var heap: Int
  /// Threads, the main one among them.
  var threads: Int

  /// What this process holds now, after free pages of the heap were given back: what is left is held, not merely scattered.
  /// - Throws: `BenchError` when the system does not say.
  static func now() throws -> Footprint {
    heap_trim()
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    guard let resident = field("VmRSS", of: status), let threads = field("Threads", of: status) else {
      throw BenchError("/proc/self/status does not say VmRSS and Threads: is /proc mounted?")
    }
    return Footprint(resident: resident * 1024, heap: Int(heap_bytes_in_use()), threads: threads)
  }

  /// The number after `name:` in the text of a status file.
  static func field(_ name: String, of status: String) -> Int? {
    for line in status.split(separator: "\n") where line.hasPrefix(name + ":") {
      return line.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    }
    return nil
  }
}
