/// A JSON value, with the members of objects in the order of the text.
///
/// Integers that fit are kept exactly; other numbers are doubles. Text is parsed strictly (RFC 8259), equal keys in
/// one object are an error, and nesting deeper than ``JSON/maximumDepth`` is refused, so that no text can exhaust
/// the stack.
package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([Member])

  /// A name and a value of an object.
  package struct Member: Sendable, Equatable {
    /// The name.
    package let name: String

    /// The value.
    package let value: JSON

    /// A member from its parts.
    package init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// The deepest nesting that is read.
  package static let maximumDepth = 64

  /// The value of a member; nil when there is none or this is no object.
  package subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The text, when this is a string.
  package var stringValue: String? { if case .string(let text) = self { text } else { nil } }

  /// The integer, when this is one.
  package var integerValue: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The number, whether it was written as an integer or not.
  package var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The elements, when this is an array.
  package var arrayValue: [JSON]? { if case .array(let elements) = self { elements } else { nil } }

  /// The members, when this is an object.
  package var members: [Member]? { if case .object(let members) = self { members } else { nil } }

  /// The truth value, when this is one.
  package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
}

extension JSON {
  /// The value as text on one line. Numbers that JSON cannot write (NaN, infinities) become null.
  package var text: String {
    var result = ""
    write(to: &result)
    return result
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? value.description : "null"
    case .string(let value): JSON.write(value, to: &text)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += ", " }
        element.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += ", " }
        JSON.write(member.name, to: &text)
        text += ": "
        member.value.write(to: &text)
      }
      text += "}"
    }
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    text += "\""
  }
}
