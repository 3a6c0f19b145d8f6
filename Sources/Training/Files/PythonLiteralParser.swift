/// What an NPY header's dictionary holds. Whatever else may stand there, a list of fields, is told from it and not kept.
enum PythonLiteral: Equatable {
  case string(String)
  case bool(Bool)
  case integers([Int])
  case list
}

/// A reader of the one dictionary in an NPY header: keys are strings; values strings, True, False, tuples of integers
/// that are not negative, or a list.
struct PythonLiteralParser {
  /// What does not fit, and at which byte.
  struct Failure: Error {
    let offset: Int
    let message: String
  }

  let bytes: [UInt8]
  var position: Int

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func failure(_ message: String, at offset: Int? = nil) -> Failure {
    Failure(offset: offset ?? position, message: message)
  }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  /// Whether the next character, after blanks, is this one; goes past it if so.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    guard take(character) else { throw failure("expected '\(character)'") }
  }

  /// The dictionary, to the end of the header.
  mutating func dictionary() throws(Failure) -> [(name: String, value: PythonLiteral, offset: Int)] {
    var members: [(name: String, value: PythonLiteral, offset: Int)] = []
    try expect("{")
    while !take("}") {
      if !members.isEmpty {
        try expect(",")
        if take("}") { break }
      }
      skipBlanks()
      let offset = position
      let name = try string()
      try expect(":")
      members.append((name, try value(), offset))
    }
    skipBlanks()
    guard position == bytes.count else { throw failure("unexpected text after the dictionary") }
    return members
  }

  private mutating func value() throws(Failure) -> PythonLiteral {
    skipBlanks()
    switch next {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "("): return .integers(try tuple())
    case UInt8(ascii: "["):
      try skipList()
      return .list
    default:
      for (word, value) in [("True", true), ("False", false)] where bytes[position...].starts(with: word.utf8)
      {
        position += word.utf8.count
        return .bool(value)
      }
      throw failure("expected a string, True, False or a tuple")
    }
  }

  private mutating func string() throws(Failure) -> String {
    let start = position
    guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw failure("expected a string in quotes")
    }
    position += 1
    let first = position
    while let byte = next, byte != quote {
      guard byte != UInt8(ascii: "\\"), byte >= 0x20 else { throw failure("a string holds an escape") }
      position += 1
    }
    guard next == quote else { throw failure("a string does not end", at: start) }
    guard let text = String(validating: bytes[first..<position], as: UTF8.self) else {
      throw failure("a string is not valid UTF-8", at: start)
    }
    position += 1
    return text
  }

  private mutating func tuple() throws(Failure) -> [Int] {
    var numbers: [Int] = []
    try expect("(")
    while !take(")") {
      if !numbers.isEmpty {
        try expect(",")
        if take(")") { break }
      }
      skipBlanks()
      let start = position
      var number = 0
      while let byte = next, (0x30...0x39).contains(byte) {
        let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tens.addingReportingOverflow(Int(byte) - 0x30)
        guard !overflow, !carry else { throw failure("a length does not fit 64 bits", at: start) }
        number = sum
        position += 1
      }
      guard position > start else { throw failure("expected a length") }
      // Python 2 marked long numbers.
      if next == UInt8(ascii: "L") { position += 1 }
      numbers.append(number)
    }
    return numbers
  }

  /// Goes past a list without looking at what is in it.
  private mutating func skipList() throws(Failure) {
    let start = position
    var depth = 0
    repeat {
      guard let byte = next else { throw failure("a list does not end", at: start) }
      if byte == UInt8(ascii: "[") { depth += 1 }
      if byte == UInt8(ascii: "]") { depth -= 1 }
      position += 1
    } while depth > 0
  }
}
