internal import Foundation

/// The processor's name in rows, so that figures of different machines are never compared.
package enum Processor {
  /// vendor_id, a blank, family.model of the first processor in `/proc/cpuinfo`, for instance `AuthenticAMD 26.2`.
  package static let name: String = {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    return name(cpuinfo: text ?? "")
  }()

  /// The name from the text of `/proc/cpuinfo`; `unknown` where a field is missing, as it is on arm64.
  package static func name(cpuinfo: String) -> String {
    func field(_ name: String) -> String? {
      for line in cpuinfo.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        if parts.count == 2, parts[0] == name { return parts[1] }
      }
      return nil
    }
    guard let vendor = field("vendor_id"), let family = field("cpu family"), let model = field("model") else {
      return "unknown"
    }
    return "\(vendor) \(family).\(model)"
  }
}
