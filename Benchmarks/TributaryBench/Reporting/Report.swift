internal import Foundation

/// Where rows go: a table on standard output as they come, and a line of a JSON file each where one is asked for.
struct Report: ~Copyable {
  /// A column of the table.
  struct Column: Sendable {
    /// The cell's name in the row.
    let name: String
    /// The least number of characters.
    let width: Int

    /// A column of at least `width` characters; the title is the name with blanks.
    init(_ name: String, width: Int = 0) {
      self.name = name
      self.width = max(width, name.count)
    }

    var title: String { name.replacingOccurrences(of: "_", with: " ") }
  }

  private let columns: [Column]
  private let file: JSONLines?
  private var hasTitle = false

  /// A report with these columns; other cells of a row go to the JSON file only.
  init(_ columns: [Column], json: JSONLines?) {
    self.columns = columns
    self.file = json
  }

  /// Prints the row, after the titles if it is the first, and appends it to the file.
  ///
  /// - Throws: `BenchError` when the file cannot be written.
  mutating func add(_ row: Row) throws {
    if !hasTitle {
      hasTitle = true
      print(
        Report.line(
          columns.map { Report.padded($0.title, $0.width, right: row[$0.name]?.isNumeric ?? false) }))
    }
    let cells = columns.map { column -> String in
      let cell = row[column.name] ?? .missing
      return Report.padded(cell.text, column.width, right: cell.isNumeric)
    }
    print(Report.line(cells))
    fflush(nil)
    try file?.append(row)
  }

  private static func line(_ cells: [String]) -> String { cells.joined(separator: "  ") }

  static func padded(_ text: String, _ width: Int, right: Bool) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return right ? blanks + text : text + blanks
  }
}

/// A file of rows, one JSON object on each line, to which rows are appended.
struct JSONLines: Sendable {
  let path: String

  /// The file of that path, which is made where there is none.
  ///
  /// - Throws: `BenchError` when it cannot be written, so that nobody measures in vain.
  init(path: String) throws {
    self.path = path
    try write("")
  }

  /// Appends the row in one write, so that no reader sees half of it.
  func append(_ row: Row) throws { try append(line: row.json) }

  /// Appends a JSON object that stands on one line.
  func append(line: String) throws { try write(line + "\n") }

  private func write(_ text: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      guard written > 0 else { throw failure() }
      bytes = bytes.dropFirst(written)
    }
  }

  private func failure() -> BenchError {
    BenchError(
      "cannot write “\(path)”: \(String(cString: strerror(errno))); give --json a file that can be written")
  }
}

/// Why a benchmark could not be run, as a sentence.
struct BenchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
