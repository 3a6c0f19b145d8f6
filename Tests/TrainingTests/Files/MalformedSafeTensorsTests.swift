import Testing
import TributaryOps
import TributaryTestSupport

@testable import TributaryTraining

/// A malformed file: its header's text, how many bytes of data follow, and what must be said of it.
struct MalformedFile: Sendable, CustomTestStringConvertible {
  var header: String
  var dataByteCount: Int
  var code: SafeTensorsError.Code
  var mentions: String

  init(_ header: String, data dataByteCount: Int = 0, _ code: SafeTensorsError.Code, _ mentions: String) {
    self.header = header
    self.dataByteCount = dataByteCount
    self.code = code
    self.mentions = mentions
  }

  var testDescription: String { String(header.prefix(90)) }

  static let syntax: [MalformedFile] = [
    MalformedFile("", .foreign, "no JSON object"),
    MalformedFile("[]", .foreign, "no JSON object"),
    MalformedFile(" {}", .foreign, "no JSON object"),
    MalformedFile("{", .foreign, "key"),
    MalformedFile("{} x", .foreign, "after the value"),
    MalformedFile("{\"a\"}", .foreign, "':'"),
    MalformedFile("{\"a\": }", .foreign, "value"),
    MalformedFile("{\"a\": 1,}", .foreign, "key"),
    MalformedFile("{\"a\": 01}", .foreign, "begins with 0"),
    MalformedFile("{\"a\": \"\\ud800\"}", .foreign, "surrogate"),
    MalformedFile("{\"a\": \"\\x\"}", .foreign, "escape"),
    MalformedFile("{\"a\": \"b", .foreign, "does not end"),
    MalformedFile("{\"a\": nul}", .foreign, "null"),
    MalformedFile("{\"a\": " + String(repeating: "[", count: 5000), .foreign, "nested"),
    MalformedFile("{\"a\u{1}\": 1}", .foreign, "control character"),
    MalformedFile("{\"__metadata__\": []}", .entry, "__metadata__"),
    MalformedFile("{\"__metadata__\": {\"a\": 1}}", .entry, "no string"),
  ]

  private static func entry(_ dtype: String, _ shape: String, _ offsets: String, name: String = "a") -> String
  {
    "\"\(name)\": {\"dtype\": \"\(dtype)\", \"shape\": \(shape), \"data_offsets\": \(offsets)}"
  }

  static let entries: [MalformedFile] = [
    MalformedFile("{\"a\": 1}", .entry, "no object"),
    MalformedFile("{\"a\": {}}", .entry, "dtype"),
    MalformedFile("{\"a\": {\"dtype\": 1}}", .entry, "dtype"),
    MalformedFile("{\"a\": {\"dtype\": \"F32\"}}", .entry, "shape"),
    MalformedFile("{\"a\": {\"dtype\": \"F32\", \"shape\": []}}", .entry, "data_offsets"),
    MalformedFile("{\"a\": {\"dtype\": \"F32\", \"colour\": 1}}", .entry, "colour"),
    MalformedFile("{\(entry("F16", "[2]", "[0, 4]"))}", data: 4, .dtype, "F16"),
    MalformedFile("{\(entry("", "[2]", "[0, 4]"))}", data: 4, .dtype, "F32"),
    MalformedFile("{\(entry("F32", "[-1]", "[0, 4]"))}", data: 4, .entry, "-1"),
    MalformedFile("{\(entry("F32", "[1.0]", "[0, 4]"))}", data: 4, .entry, "1.0"),
    MalformedFile("{\(entry("F32", "[\"1\"]", "[0, 4]"))}", data: 4, .entry, "length"),
    MalformedFile("{\(entry("F32", "[1, 1, 1, 1, 1, 1, 1, 1, 1]", "[0, 4]"))}", data: 4, .entry, "9 axes"),
    MalformedFile("{\(entry("F32", "[4611686018427387904, 4]", "[0, 4]"))}", data: 4, .entry, "elements"),
    MalformedFile("{\(entry("F32", "[0, 9223372036854775807, 8]", "[0, 0]"))}", .entry, "elements"),
    MalformedFile("{\(entry("F32", "[99999999999999999999]", "[0, 4]"))}", data: 4, .entry, "length"),
    MalformedFile("{\(entry("F32", "[1]", "[0]"))}", data: 4, .entry, "pair"),
    MalformedFile("{\(entry("F32", "[1]", "[0, 4, 8]"))}", data: 4, .entry, "pair"),
    MalformedFile("{\(entry("F32", "[1]", "[0.5, 4]"))}", data: 4, .entry, "pair"),
    MalformedFile("{\(entry("F32", "[1]", "[-4, 0]"))}", data: 4, .offsets, "-4"),
    MalformedFile("{\(entry("F32", "[1]", "[4, 0]"))}", data: 4, .offsets, "backwards"),
    MalformedFile("{\(entry("F32", "[1]", "[4, 8]"))}", data: 4, .truncated, "byte 8"),
    MalformedFile(
      "{\(entry("F32", "[1]", "[0, 9223372036854775807]"))}", data: 4, .truncated, "9223372036854775807"),
    MalformedFile("{\(entry("F32", "[2]", "[0, 4]"))}", data: 4, .offsets, "8 bytes"),
    MalformedFile("{\(entry("F64", "[1]", "[0, 4]"))}", data: 4, .offsets, "f64[1]"),
    MalformedFile("{\(entry("F32", "[1]", "[4, 8]"))}", data: 8, .offsets, "hole"),
    MalformedFile("{\(entry("F32", "[1]", "[0, 4]"))}", data: 5, .offsets, "no tensor"),
    MalformedFile("{}", data: 1, .offsets, "no tensor"),
    MalformedFile(
      "{\(entry("F32", "[1]", "[0, 4]")), \(entry("F32", "[1]", "[0, 4]", name: "b"))}", data: 4, .offsets,
      "overlap"),
    MalformedFile(
      "{\(entry("F32", "[2]", "[0, 8]")), \(entry("F32", "[1]", "[4, 8]", name: "b"))}", data: 8, .offsets,
      "overlap"),
    MalformedFile(
      "{\(entry("F32", "[1]", "[0, 4]")), \(entry("F32", "[1]", "[8, 12]", name: "b"))}", data: 12, .offsets,
      "hole"
    ),
    MalformedFile(
      "{\(entry("F32", "[1]", "[0, 4]")), \(entry("F32", "[1]", "[4, 8]"))}", data: 8, .duplicateName, "\"a\""
    ),
    MalformedFile("{\(entry("BOOL", "[2]", "[0, 2]"))}", data: 2, .value, "boolean"),
  ]
}

@Suite struct MalformedSafeTensorsTests {
  private func file(header: [UInt8], length: UInt64? = nil, data: [UInt8]) -> [UInt8] {
    let length = length ?? UInt64(header.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header + data
  }

  @Test(arguments: MalformedFile.syntax + MalformedFile.entries)
  func isRefused(_ malformed: MalformedFile) throws {
    let data = [UInt8](repeating: 7, count: malformed.dataByteCount)
    let bytes = file(header: Array(malformed.header.utf8), data: data)
    let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(bytes: bytes) }
    #expect(error.code == malformed.code, "\(error)")
    #expect(error.message.contains(malformed.mentions), "\(error)")
    let offset = try #require(error.offset)
    #expect((0...bytes.count).contains(offset))
  }

  @Test func invalidTextIsRefused() throws {
    let header: [UInt8] = Array("{\"".utf8) + [0xFF, 0xC0] + Array("\": 1}".utf8)
    let error = try #require(throws: SafeTensorsError.self) {
      try SafeTensors(bytes: file(header: header, data: []))
    }
    #expect(error.code == .foreign && error.message.contains("UTF-8") && error.offset == 9)
  }

  @Test(arguments: [UInt64.max, 1 << 63, 100_000_001, 0x3C21_444F_4354_5950])
  func hugeHeaderLengthsAreForeign(_ length: UInt64) throws {
    let bytes = file(header: Array("{}".utf8), length: length, data: [])
    #expect(throws: SafeTensorsError.self) { try SafeTensors(bytes: bytes) }
    let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(bytes: bytes) }
    #expect(error.code == .foreign && error.offset == 0)
  }

  @Test func headerBeyondTheFileIsTruncated() throws {
    let bytes = file(header: Array("{}".utf8), length: 3, data: [])
    let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(bytes: bytes) }
    #expect(error.code == .truncated && error.offset == bytes.count)
  }

  @Test func errorsNameTheFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("broken.safetensors")
    try folder.write([1, 2, 3], to: "broken.safetensors")
    let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(contentsOf: path) }
    #expect(error.path == path && error.description.hasPrefix("\(path): "))
  }

  @Test func blanksAfterTheHeaderAreRead() throws {
    #expect(try SafeTensors(bytes: file(header: Array("{}      ".utf8), data: [])).entries.isEmpty)
  }
}
