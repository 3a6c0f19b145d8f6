import Testing
import TributaryOps
import TributaryTestSupport

@testable import TributaryTraining

/// A file with this header's dictionary, and bytes after it.
func npyFile(_ dictionary: String, _ data: [UInt8] = [], version: UInt8 = 1) -> [UInt8] {
  let text = Array((dictionary + "\n").utf8)
  let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data
}

/// A file of a vector of elements of a NumPy type, from their bytes.
func npyVector(_ type: String, _ count: Int, _ data: [UInt8]) -> [UInt8] {
  npyFile("{'descr': '\(type)', 'fortran_order': False, 'shape': (\(count),), }", data)
}

@Suite struct NPYTests {
  static let samples: [Tensor] = [
    try! Tensor([1.5, -2, .infinity, .nan, 5, 6] as [Float], shape: [2, 3]),
    try! Tensor([1, -1] as [Double], shape: [2, 1]), Tensor(Int64.min),
    try! Tensor([1, 2, 3] as [Int32], shape: [3]), try! Tensor([true, false, true], shape: [1, 3, 1]),
    try! Tensor([] as [Float], shape: [0, 4]),
    try! Tensor([Float](repeating: 2, count: 256), shape: [2, 2, 2, 2, 2, 2, 2, 2]),
  ]

  private func expectEqual(_ a: Tensor, _ b: Tensor) {
    #expect(a.type == b.type)
    #expect(a.withUnsafeBytes { Array($0) } == b.withUnsafeBytes { Array($0) })
  }

  @Test(arguments: samples.indices) func tensorsRoundTrip(_ index: Int) throws {
    let tensor = NPYTests.samples[index]
    let bytes = NPY.encoded(tensor)
    expectEqual(try NPY.tensor(bytes: bytes), tensor)
    let folder = try TemporaryFolder()
    try NPY.write(tensor, to: folder.path("a.npy"))
    #expect(try folder.bytes(of: "a.npy") == bytes && folder.names() == ["a.npy"])
    expectEqual(try NPY.tensor(contentsOf: folder.path("a.npy")), tensor)
    let start = try NPYHeader(Array(bytes.dropLast(tensor.type.byteCount)), foreignTypes: .refused).byteCount
    #expect(start % 64 == 0)
  }

  @Test func filesAreThoseOfNumPy() throws {
    let bytes = try NumPyFiles.bytes(NumPyFiles.vector)
    let vector = try Tensor([1.5, -2, .infinity] as [Double], shape: [3])
    expectEqual(try NPY.tensor(bytes: bytes), vector)
    #expect(NPY.encoded(vector) == bytes)
  }

  @Test func columnMajorArraysAreTurned() throws {
    let tensor = try NPY.tensor(bytes: NumPyFiles.bytes(NumPyFiles.columnMajor))
    expectEqual(tensor, try Tensor((0..<24).map { Int32($0) }, shape: [2, 3, 4]))
  }

  @Test func bothOrdersOfBytesAreRead() throws {
    let float = try NPY.tensor(bytes: npyVector(">f4", 2, [0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0]))
    #expect(try float.elements(Float.self) == [1.5, -2])
    let integer = try NPY.tensor(
      bytes: npyVector(">i8", 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE]))
    #expect(try integer.scalar(Int64.self) == -2)
    let half = try NPY.tensor(bytes: npyVector(">f2", 1, [0xC1, 0x00]), foreignTypes: .widened)
    #expect(try half.scalar(Float.self) == -2.5)
  }

  @Test func allVersionsAreRead() throws {
    let dictionary = "{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }"
    for version: UInt8 in 1...3 {
      #expect(try NPY.tensor(bytes: npyFile(dictionary, [1], version: version)).elements() == [true])
    }
    let other = "  {\"shape\":(1L ,),'fortran_order':True , \t 'descr':'|b1'}  "
    #expect(try NPY.tensor(bytes: npyFile(other, [0])).elements() == [false])
  }

  @Test func foreignTypesAreWidenedWhenAskedFor() throws {
    let files: [(String, Int, [UInt8], Tensor)] = [
      ("|i1", 2, [0x80, 0x7F], try Tensor([-128, 127] as [Int32], shape: [2])),
      ("<i2", 2, [0, 0x80, 0xFF, 0x7F], try Tensor([-32768, 32767] as [Int32], shape: [2])),
      ("|u1", 2, [0, 0xFF], try Tensor([0, 255] as [Int32], shape: [2])),
      ("<u2", 1, [0xFF, 0xFF], try Tensor([65535] as [Int32], shape: [1])),
      ("<u4", 1, [0xFF, 0xFF, 0xFF, 0xFF], try Tensor([4_294_967_295] as [Int64], shape: [1])),
      ("<u8", 1, [0xFF, 0, 0, 0, 0, 0, 0, 0x7F], try Tensor([0x7F00_0000_0000_00FF] as [Int64], shape: [1])),
      ("<f2", 2, [0x00, 0x3C, 0x00, 0xFC], try Tensor([1, -.infinity] as [Float], shape: [2])),
    ]
    for (type, count, data, wanted) in files {
      let bytes = npyVector(type, count, data)
      expectEqual(try NPY.tensor(bytes: bytes, foreignTypes: .widened), wanted)
      let error = try #require(throws: ArrayFileError.self) { try NPY.tensor(bytes: bytes) }
      #expect(error.code == .dtype && error.message.contains(type) && error.message.contains(".widened"))
    }
    let large = npyVector("<u8", 2, [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x80])
    let error = try #require(throws: ArrayFileError.self) {
      try NPY.tensor(bytes: large, foreignTypes: .widened)
    }
    #expect(
      error.code == .value && error.offset == large.count - 8 && error.message.contains("9223372036854775809")
    )
  }

  private static let head = "'descr': '<f4', 'fortran_order': False, "

  /// Malformed files: the dictionary, the number of bytes after it, the kind of mistake and words of its message.
  static let malformed: [(String, Int, ArrayFileError.Code, String)] = [
    ("", 0, .header, "'{'"), ("{", 0, .header, "quotes"), ("{}", 0, .header, "'descr'"),
    ("{\(head)}", 0, .header, "'shape'"), ("{\(head)'shape': (1,)", 4, .header, "','"),
    ("{\(head)'shape': (1,)} x", 4, .header, "after the dictionary"),
    ("{\(head)'shape': (1,), 'shape': (1,)}", 4, .header, "2 entries"),
    ("{\(head)'shape': (1,), 'colour': True}", 4, .header, "colour"),
    ("{\(head)'shape': 1}", 4, .header, "tuple"), ("{\(head)'shape': [1]}", 4, .header, "tuple of lengths"),
    ("{\(head)'shape': (-1,)}", 4, .header, "length"), ("{\(head)'shape': (1", 4, .header, "','"),
    ("{\(head)'shape': (99999999999999999999,)}", 4, .header, "64 bits"),
    ("{\(head)'shape': (4611686018427387904, 4)}", 4, .header, "elements"),
    ("{\(head)'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1)}", 4, .header, "9 axes"),
    ("{\(head)'shape': (2,)}", 4, .truncated, "8 bytes"), ("{\(head)'shape': (1,)}", 5, .size, "4 bytes"),
    ("{\(head)'shape': (0, 3)}", 4, .size, "0 bytes"),
    ("{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}", 4, .header, "True"),
    ("{'descr': '<f4', 'fortran_order': 'no', 'shape': (1,)}", 4, .header, "truth value"),
    ("{'descr': True, 'fortran_order': False, 'shape': (1,)}", 4, .dtype, "records"),
    ("{'descr': '<f3', 'fortran_order': False, 'shape': (1,)}", 4, .dtype, "'<f3'"),
    ("{'descr': '', 'fortran_order': False, 'shape': (1,)}", 4, .dtype, "''"),
    ("{'descr': 'f4', 'fortran_order': False, 'shape': (1,)}", 4, .dtype, "'f4'"),
    ("{'descr': '|f4', 'fortran_order': False, 'shape': (1,)}", 4, .dtype, "'|f4'"),
    ("{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}", 16, .dtype, "'<c16'"),
    ("{'descr': '<U2', 'fortran_order': False, 'shape': (1,)}", 8, .dtype, "'<U2'"),
    ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", 8, .dtype, "'|O'"),
    ("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}", 4, .dtype, "records"),
    ("{'descr': [('a', '<i4'), 'fortran_order': False, 'shape': (1,)}", 4, .header, "does not end"),
    ("{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}", 4, .header, "expected"),
    ("{'descr': '<f\\x34', 'fortran_order': False, 'shape': (1,)}", 4, .header, "escape"),
    ("{'descr': '|b1', 'fortran_order': False, 'shape': (4,)}", 4, .value, "7"),
  ]

  @Test(arguments: malformed.indices) func malformedFilesAreRefused(_ index: Int) throws {
    let (dictionary, count, code, words) = NPYTests.malformed[index]
    let bytes = npyFile(dictionary, [UInt8](repeating: 7, count: count))
    let error = try #require(throws: ArrayFileError.self) { try NPY.tensor(bytes: bytes) }
    #expect(error.code == code && error.message.contains(words), "\(error)")
    #expect((0...bytes.count).contains(try #require(error.offset)))
  }

  @Test func otherFilesAreForeign() throws {
    for bytes: [UInt8] in [[0x50, 0x4B, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0], [1, 2], Array("hello, world".utf8)] {
      #expect(try #require(throws: ArrayFileError.self) { try NPY.tensor(bytes: bytes) }.code == .foreign)
    }
    var later = NPY.encoded(Tensor(Float(1)))
    later[6] = 4
    let error = try #require(throws: ArrayFileError.self) { try NPY.tensor(bytes: later) }
    #expect(error.code == .foreign && error.message.contains("4.0") && error.offset == 6)
    var long = npyFile("{}", version: 2)
    long[11] = 0x7F
    #expect(try #require(throws: ArrayFileError.self) { try NPY.tensor(bytes: long) }.code == .header)
  }

  @Test func everyTruncationIsFound() throws {
    for tensor in NPYTests.samples.prefix(4) {
      let bytes = NPY.encoded(tensor)
      for length in 0..<bytes.count {
        let error = try #require(throws: ArrayFileError.self) {
          try NPY.tensor(bytes: Array(bytes[..<length]))
        }
        #expect(error.code == .truncated && error.offset == length, "\(length): \(error)")
      }
    }
  }

  @Test func errorsNameTheFile() throws {
    let folder = try TemporaryFolder()
    try folder.write([1, 2, 3], to: "broken.npy")
    let path = folder.path("broken.npy")
    let broken = try #require(throws: ArrayFileError.self) { try NPY.tensor(contentsOf: path) }
    #expect(broken.path == path && broken.description.hasPrefix("\(path): ") && broken.offset == 0)
    let none = try #require(throws: ArrayFileError.self) { try NPY.tensor(contentsOf: folder.path("none")) }
    #expect(none.code == .file)
    let unwritable = try #require(throws: ArrayFileError.self) {
      try NPY.write(Tensor(Float(1)), to: folder.path("none/at/all"))
    }
    #expect(unwritable.code == .file && unwritable.path == folder.path("none/at/all"))
  }
}
