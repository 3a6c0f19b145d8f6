internal import Foundation
internal import TributaryMeasuring

/// The committed least ratios, by processor.
struct Thresholds: Codable, Sendable, Equatable {
  /// The least ratio of one case.
  struct Entry: Codable, Sendable, Equatable {
    /// The case's name.
    var `case`: String
    /// The number of threads.
    var threads: Int
    /// The work that the reference loop does, as it was when the threshold was recorded: should a change make us compute
    /// more than is needed, the ratio falls.
    var flops: Double
    var bytes: Double
    /// The reference loop's time divided by ours must not be less.
    var atLeast: Double

    enum CodingKeys: String, CodingKey {
      case `case`, threads, flops, bytes
      case atLeast = "at_least"
    }

    /// The work.
    var work: CallWork { CallWork(flops: flops, bytes: bytes) }
  }

  /// The entries by the processor's name.
  var processors: [String: [Entry]] = [:]

  /// The share of a measured ratio that becomes the threshold: what lies between is noise.
  static let margin = 0.88

  /// Reads a file.
  /// - Throws: `BenchError` when it is missing or is not one of thresholds.
  init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw BenchError("“\(path)” cannot be read; run from the repository's root, or make it with --record")
    }
    do {
      self = try JSONDecoder().decode(Thresholds.self, from: data)
    } catch { throw BenchError("“\(path)” holds no thresholds: \(error)") }
  }

  init(processors: [String: [Entry]] = [:]) { self.processors = processors }

  /// The entry of a case on a processor.
  func entry(_ name: String, threads: Int, cpu: String) -> Entry? {
    processors[cpu]?.first { $0.case == name && $0.threads == threads }
  }

  /// Sets the entry of a case on a processor from a measured ratio.
  mutating func record(_ name: String, threads: Int, _ work: CallWork, ratio: Double, cpu: String) {
    let entry = Entry(
      case: name, threads: threads, flops: work.flops.rounded(), bytes: work.bytes.rounded(),
      atLeast: (ratio * Thresholds.margin * 1000).rounded() / 1000)
    var entries = processors[cpu] ?? []
    if let index = entries.firstIndex(where: { $0.case == name && $0.threads == threads }) {
      entries[index] = entry
    } else {
      entries.append(entry)
    }
    processors[cpu] = entries
  }

  /// Writes the file.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    do {
      try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(fileURLWithPath: path))
    } catch { throw BenchError("“\(path)” cannot be written: \(error)") }
  }
}
