internal import TributaryAutodiff

/// Why a file of costs cannot be used: which, what is wrong in it, and how to mend it.
package struct CostFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of mistake.
  package enum Code: Sendable {
    /// The text is no JSON: it was cut short, or is no file of costs.
    case malformed
    /// A member is missing, unknown or of the wrong kind.
    case wrongMember
    /// The file was written by another version.
    case wrongVersion
  }

  /// The kind of mistake.
  package let code: Code
  /// The path as given.
  package let path: String
  /// What is wrong, in a sentence.
  package let message: String

  package var description: String {
    "\(path) is no file of measured costs: \(message). Delete it, or give --costs another path; it is then written anew"
  }
}

extension CostFile {
  private static let version = 1

  /// Reads a file; a path where there is none gives a file without entries.
  ///
  /// - Throws: `FileError` when it cannot be read, `CostFileError` when it is not what ``write(to:)`` writes.
  package init(contentsOf path: String) throws {
    guard InputFile.exists(path) else {
      self.init()
      return
    }
    let file = try InputFile(path)
    let reader = CostReader(path: path)
    let bytes = try file.bytes(0..<file.byteCount)
    let json: JSON
    do throws(JSONError) { json = try JSON(parsing: bytes) } catch {
      throw reader.error(.malformed, error.description)
    }
    self.init(entries: try reader.entries(json, version: CostFile.version))
  }

  /// Writes the file, beside the path first and then in its place.
  ///
  /// - Throws: `FileError` when the path cannot be written; an old file is then untouched.
  package func write(to path: String) throws(FileError) {
    let lines = entries.map { entry in
      JSON.object([
        JSON.Member("processor", .string(entry.machine.processor)),
        JSON.Member("level", .string(entry.machine.level)), JSON.Member("plan", .string(entry.costs.plan)),
        JSON.Member("workers", .integer(entry.costs.workers)),
        JSON.Member("runs", .integer(entry.costs.runs)),
        JSON.Member("seconds", .array(entry.costs.seconds.map { .number($0) })),
      ]).text
    }
    try replaceFile(
      at: path,
      with: "{\"tributary_costs\": \(CostFile.version), \"entries\": [\n"
        + lines.joined(separator: ",\n") + "\n]}\n")
  }
}

/// Reads the members of a file of costs, naming what is wrong.
private struct CostReader {
  let path: String

  func error(_ code: CostFileError.Code, _ message: String) -> CostFileError {
    CostFileError(code: code, path: path, message: message)
  }

  func entries(_ json: JSON, version: Int) throws(CostFileError) -> [CostFile.Entry] {
    let members = try members(json, ["tributary_costs", "entries"], of: "the file")
    guard let found = members[0].integerValue else {
      throw error(.wrongMember, "“tributary_costs” must be a whole number")
    }
    guard found == version else {
      throw error(.wrongVersion, "it is of version \(found) and this program reads version \(version)")
    }
    guard let list = members[1].arrayValue else {
      throw error(.wrongMember, "“entries” must be a list")
    }
    var entries: [CostFile.Entry] = []
    for (index, item) in list.enumerated() { entries.append(try entry(item, "entry \(index)")) }
    return entries
  }

  private func entry(_ json: JSON, _ name: String) throws(CostFileError) -> CostFile.Entry {
    let members = try members(
      json, ["processor", "level", "plan", "workers", "runs", "seconds"], of: name)
    func text(_ index: Int, _ member: String) throws(CostFileError) -> String {
      if let text = members[index].stringValue { return text }
      throw error(.wrongMember, "“\(member)” of \(name) must be a text")
    }
    func count(_ index: Int, _ member: String) throws(CostFileError) -> Int {
      if let count = members[index].integerValue, count > 0 { return count }
      throw error(.wrongMember, "“\(member)” of \(name) must be a whole number above 0")
    }
    guard let list = members[5].arrayValue else {
      throw error(.wrongMember, "“seconds” of \(name) must be a list")
    }
    var seconds: [Double] = []
    for (task, item) in list.enumerated() {
      guard let value = item.doubleValue, value >= 0, value.isFinite else {
        throw error(
          .wrongMember, "“seconds” of \(name) must be times of 0 or more, and is not at task \(task)")
      }
      seconds.append(value)
    }
    return CostFile.Entry(
      machine: CostFile.Machine(processor: try text(0, "processor"), level: try text(1, "level")),
      costs: MeasuredCosts(
        plan: try text(2, "plan"), workers: try count(3, "workers"), runs: try count(4, "runs"),
        seconds: seconds))
  }

  /// The members of an object, which must be exactly those named.
  private func members(_ json: JSON, _ names: [String], of what: String) throws(CostFileError) -> [JSON] {
    guard let members = json.members else { throw error(.wrongMember, "\(what) must be an object") }
    if let unknown = members.first(where: { !names.contains($0.name) }) {
      throw error(.wrongMember, "\(what) has an unknown member “\(unknown.name)”")
    }
    var values: [JSON] = []
    for name in names {
      guard let value = json[name] else { throw error(.wrongMember, "\(what) has no member “\(name)”") }
      values.append(value)
    }
    return values
  }
}
