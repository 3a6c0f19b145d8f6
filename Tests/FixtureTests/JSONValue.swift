/// Any JSON, for the attributes and configurations that fixtures carry.
enum JSONValue: Decodable, Sendable, Hashable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }
}

/// The members of a JSON object, read by type.
struct Members: Sendable {
  let values: [String: JSONValue]

  init(_ values: [String: JSONValue]) { self.values = values }

  init(_ value: JSONValue?) throws {
    guard case .object(let values)? = value else { throw FixtureError("a JSON object is missing") }
    self.values = values
  }

  subscript(name: String) -> JSONValue? { values[name] }

  func number(_ name: String) throws -> Double {
    guard case .number(let value)? = values[name] else { throw FixtureError("\"\(name)\" is no number") }
    return value
  }

  func integer(_ name: String) throws -> Int { try Members.integer(try number(name), name) }

  func text(_ name: String) throws -> String {
    guard case .text(let value)? = values[name] else { throw FixtureError("\"\(name)\" is no text") }
    return value
  }

  func bool(_ name: String) throws -> Bool {
    guard case .bool(let value)? = values[name] else {
      throw FixtureError("\"\(name)\" is neither true nor false")
    }
    return value
  }

  func list(_ name: String) throws -> [JSONValue] {
    guard case .list(let values)? = values[name] else { throw FixtureError("\"\(name)\" is no list") }
    return values
  }

  func integers(_ name: String) throws -> [Int] {
    try list(name).map {
      guard case .number(let value) = $0 else {
        throw FixtureError("\"\(name)\" holds something else than numbers")
      }
      return try Members.integer(value, name)
    }
  }

  /// Whole numbers, where null has a meaning of its own.
  func optionalIntegers(_ name: String) throws -> [Int?] {
    try list(name).map {
      switch $0 {
      case .null: nil
      case .number(let value): try Members.integer(value, name)
      default: throw FixtureError("\"\(name)\" holds something else than numbers")
      }
    }
  }

  /// A whole number; nil where it is null or missing.
  func optionalInteger(_ name: String) throws -> Int? { isNull(name) ? nil : try integer(name) }

  /// A number; nil where it is null or missing.
  func optionalNumber(_ name: String) throws -> Double? { isNull(name) ? nil : try number(name) }

  func isNull(_ name: String) -> Bool { (values[name] ?? .null) == .null }

  private static func integer(_ value: Double, _ name: String) throws -> Int {
    guard let integer = Int(exactly: value) else {
      throw FixtureError("\"\(name)\" is no whole number: \(value)")
    }
    return integer
  }
}

/// What is wrong with a fixture or with an answer to it.
struct FixtureError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
