/// What is wrong with a JSON text, and where.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Whether the mistake is a key that occurs twice in one object.
  package let isDuplicateKey: Bool

  /// The byte at which reading stopped, counted from the start of the text.
  package let offset: Int

  /// What is wrong, in a sentence.
  package let message: String

  package var description: String { "\(message) (byte \(offset) of the JSON text)" }
}

extension JSON {
  /// Reads one JSON value, which blanks may surround, from UTF-8 text.
  /// - Throws: `JSONError` with the offset of the first byte that does not fit.
  package init(parsing bytes: [UInt8]) throws(JSONError) {
    var parser = JSONParser(bytes: bytes)
    parser.skipBlanks()
    self = try parser.value(depth: 0)
    parser.skipBlanks()
    guard parser.position == bytes.count else {
      throw parser.error("unexpected text after the value")
    }
  }
}

/// A recursive-descent reader of RFC 8259 over an array of bytes.
private struct JSONParser {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  func error(_ message: String, at offset: Int? = nil) -> JSONError {
    JSONError(isDuplicateKey: false, offset: offset ?? position, message: message)
  }

  mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  mutating func value(depth: Int) throws(JSONError) -> JSON {
    guard depth <= JSON.maximumDepth else {
      throw error("values are nested more than \(JSON.maximumDepth) deep")
    }
    switch next {
    case nil: throw error("the text ends where a value is expected")
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let start = position
    for index in 0..<text.utf8CodeUnitCount {
      guard next == text.utf8Start[index] else { throw error("expected \(text)", at: start) }
      position += 1
    }
    return value
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSON {
    position += 1
    var members: [JSON.Member] = []
    var names: Set<String> = []
    skipBlanks()
    if next == UInt8(ascii: "}") {
      position += 1
      return .object([])
    }
    while true {
      skipBlanks()
      let start = position
      guard next == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
      let name = try string()
      guard names.insert(name).inserted else {
        throw JSONError(isDuplicateKey: true, offset: start, message: "the key \"\(name)\" occurs twice")
      }
      skipBlanks()
      guard next == UInt8(ascii: ":") else { throw error("expected ':' after the key \"\(name)\"") }
      position += 1
      skipBlanks()
      members.append(JSON.Member(name, try value(depth: depth + 1)))
      skipBlanks()
      let separator = next
      if separator == UInt8(ascii: "}") {
        position += 1
        return .object(members)
      }
      guard separator == UInt8(ascii: ",") else { throw error("expected ',' or '}' in an object") }
      position += 1
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSON {
    position += 1
    var elements: [JSON] = []
    skipBlanks()
    if next == UInt8(ascii: "]") {
      position += 1
      return .array([])
    }
    while true {
      skipBlanks()
      elements.append(try value(depth: depth + 1))
      skipBlanks()
      let separator = next
      if separator == UInt8(ascii: "]") {
        position += 1
        return .array(elements)
      }
      guard separator == UInt8(ascii: ",") else { throw error("expected ',' or ']' in an array") }
      position += 1
    }
  }

  private mutating func string() throws(JSONError) -> String {
    let start = position
    position += 1
    var units: [UInt8] = []
    while true {
      guard let byte = next else { throw error("a string does not end", at: start) }
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else {
          throw error("a string is not valid UTF-8", at: start)
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &units)
      case 0..<0x20: throw error("a control character stands unescaped in a string", at: position - 1)
      default: units.append(byte)
      }
    }
  }

  private mutating func escape(into units: inout [UInt8]) throws(JSONError) {
    guard let byte = next else { throw error("the text ends in an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(byte)
    case UInt8(ascii: "b"): units.append(0x08)
    case UInt8(ascii: "f"): units.append(0x0C)
    case UInt8(ascii: "n"): units.append(0x0A)
    case UInt8(ascii: "r"): units.append(0x0D)
    case UInt8(ascii: "t"): units.append(0x09)
    case UInt8(ascii: "u"):
      let start = position - 2
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code), next == UInt8(ascii: "\\") {
        position += 1
        guard next == UInt8(ascii: "u") else { throw error("half of a surrogate pair", at: start) }
        position += 1
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair", at: start) }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair", at: start) }
      units.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: throw error("unknown escape", at: position - 1)
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw error("expected four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    guard position > start else { throw error("expected a value") }
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = position
    var isInteger = true
    if next == UInt8(ascii: "-") { position += 1 }
    let first = position
    try digits()
    guard position == first + 1 || bytes[first] != 0x30 else {
      throw error("a number begins with 0", at: start)
    }
    if next == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text) else { throw error("a number cannot be read", at: start) }
    return .number(value)
  }
}
