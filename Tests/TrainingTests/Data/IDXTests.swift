import CZlib
import Testing
import TributaryTestSupport

@testable import TributaryTraining

@Suite struct IDXTests {
  private let images = IDXBytes(dimensions: [2, 2, 3], elements: Array(0..<12)).bytes

  @Test func plainFilesAreRead() throws {
    let folder = try TemporaryFolder()
    try folder.write(images, to: "images")
    let file = try IDXFile(contentsOf: folder.path("images"), rank: 3)
    #expect(file.dimensions == [2, 2, 3] && file.bytes == Array(0..<12))
  }

  @Test func compressedFilesAreRead() throws {
    let folder = try TemporaryFolder()
    let elements = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
    try folder.write(gzip(IDXBytes(dimensions: [3, 1000, 1000], elements: elements).bytes), to: "images.gz")
    let file = try IDXFile(contentsOf: folder.path("images.gz"), rank: 3)
    #expect(file.dimensions == [3, 1000, 1000] && file.bytes == elements)
  }

  @Test(arguments: [false, true]) func everyTruncationIsFound(compressed: Bool) throws {
    let folder = try TemporaryFolder()
    let bytes = compressed ? gzip(images) : images
    for length in 0..<bytes.count {
      try folder.write(Array(bytes[..<length]), to: "short")
      let error = try #require(throws: DataError.self) {
        try IDXFile(contentsOf: folder.path("short"), rank: 3)
      }
      // One byte of gzip's mark makes a plain file that is no IDX file.
      #expect(error.code == .truncated || (compressed && error.code == .foreign && length == 1), "\(length)")
      #expect(error.description.hasPrefix(folder.path("short")))
    }
  }

  @Test func foreignFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    var damaged = gzip(images)
    damaged[damaged.count - 6] ^= 0xFF
    let cases: [(bytes: [UInt8], mentions: String)] = [
      (Array("\u{89}PNG and so on".utf8), "not an IDX file"),
      ([0, 0, 0x0D, 3] + images[4...], "type 13"),
      ([0, 0, 8, 1] + images[4...], "1 axes"),
      (images + [0], "more bytes"),
      (gzip(images + [0]), "more bytes"),
      (damaged, "damaged"),
      ([0x1F, 0x8B] + [UInt8](repeating: 0xAA, count: 50), "damaged"),
    ]
    for (bytes, mentions) in cases {
      try folder.write(bytes, to: "foreign")
      let error = try #require(throws: DataError.self) {
        try IDXFile(contentsOf: folder.path("foreign"), rank: 3)
      }
      #expect(error.code == .foreign && error.message.contains(mentions), "\(error)")
    }
  }

  /// A header may claim more than any memory holds; only what is there is read.
  @Test(arguments: [false, true]) func impossibleLengthsAreTruncated(compressed: Bool) throws {
    let folder = try TemporaryFolder()
    let bytes: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 0xFF, count: 12) + [1, 2, 3]
    try folder.write(compressed ? gzip(bytes) : bytes, to: "huge")
    let error = try #require(throws: DataError.self) { try IDXFile(contentsOf: folder.path("huge"), rank: 3) }
    #expect(error.code == .truncated)
  }

  @Test func missingFilesAndFolders() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path("none"), folder.path("")] {
      let error = try #require(throws: DataError.self) { try IDXFile(contentsOf: path, rank: 3) }
      #expect(error.code == .file && error.path == path)
    }
  }
}

/// The bytes of an IDX file.
struct IDXBytes {
  var dimensions: [Int]
  var elements: [UInt8]

  var bytes: [UInt8] {
    let lengths = dimensions.flatMap { length in
      (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
    }
    return [0, 0, 8, UInt8(dimensions.count)] + lengths + elements
  }
}

/// The bytes compressed by gzip.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  deflateInit2_(
    &stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  defer { deflateEnd(&stream) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: bytes.count + 1024)
  return input.withUnsafeMutableBufferPointer { source in
    output.withUnsafeMutableBufferPointer { target in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(target.count)
      #expect(deflate(&stream, Z_FINISH) == Z_STREAM_END)
      return Array(target[..<(target.count - Int(stream.avail_out))])
    }
  }
}
