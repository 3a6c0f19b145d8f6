internal import Foundation
internal import TributaryMeasuring

/// One measurement: named cells in the order in which they are written, the processor last.
struct Row: Sendable {
  /// The value of a cell.
  enum Cell: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
  {
    case text(String)
    case integer(Int)
    /// A number and how many decimals are written.
    case number(Double, decimals: Int)
    case flag(Bool)
    /// Something that was not measured.
    case missing

    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }

    /// The value as a person reads it.
    var text: String {
      switch self {
      case .text(let text): return text
      case .integer(let value): return String(value)
      case .number(let value, let decimals): return String(format: "%.\(decimals)f", value)
      case .flag(let value): return value ? "yes" : "no"
      case .missing: return "–"
      }
    }

    /// The value in JSON; a number that JSON cannot write is null.
    var json: String {
      switch self {
      case .text(let text): return Cell.quoted(text)
      case .integer, .number: return Double(text).map(\.isFinite) == true ? text : "null"
      case .flag(let value): return String(value)
      case .missing: return "null"
      }
    }

    private static func quoted(_ text: String) -> String {
      var result = "\""
      for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\u{0}"..."\u{1f}": result += String(format: "\\u%04x", scalar.value)
        default: result.unicodeScalars.append(scalar)
        }
      }
      return result + "\""
    }

    /// Whether the cell is set flush right in a table.
    var isNumeric: Bool {
      switch self {
      case .integer, .number, .missing: return true
      case .text, .flag: return false
      }
    }
  }

  /// The cells by name, in order.
  private(set) var cells: [(name: String, cell: Cell)]

  /// A row of these cells, to which the processor is added.
  init(_ cells: KeyValuePairs<String, Cell>, cpu: String = Processor.name) {
    self.init(cells.map { ($0.key, $0.value) }, cpu: cpu)
  }

  /// The same for cells whose names are not known beforehand.
  init(_ cells: [(String, Cell)], cpu: String = Processor.name) {
    self.cells = cells.map { (name: $0.0, cell: $0.1) } + [(name: "cpu", cell: .text(cpu))]
  }

  /// The cell of that name, or nil.
  subscript(name: String) -> Cell? { cells.first { $0.name == name }?.cell }

  /// The row as one JSON object on one line.
  var json: String {
    "{" + cells.map { "\"\($0.name)\": \($0.cell.json)" }.joined(separator: ", ") + "}"
  }
}
