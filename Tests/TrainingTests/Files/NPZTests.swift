import Testing
import TributaryOps
import TributaryTestSupport

@testable import TributaryTraining

@Suite struct NPZTests {
  private func sample() throws -> NPZ {
    var file = NPZ()
    for (index, tensor) in NPYTests.samples.enumerated() { try file.add("array\(index)", tensor) }
    try file.add("deep/∂", Tensor([Float](repeating: 1, count: 5000), shape: [50, 100]))
    return file
  }

  private func expectEqual(_ a: NPZ, _ b: NPZ) {
    #expect(a.names == b.names)
    for (x, y) in zip(a.entries, b.entries) {
      #expect(x.tensor.type == y.tensor.type)
      #expect(x.tensor.withUnsafeBytes { Array($0) } == y.tensor.withUnsafeBytes { Array($0) })
    }
  }

  @Test(arguments: NPZ.Compression.allCases) func archivesRoundTrip(_ compression: NPZ.Compression) throws {
    let file = try sample()
    let bytes = file.encoded(compression)
    try expectEqual(NPZ(bytes: bytes), file)
    let folder = try TemporaryFolder()
    try file.write(to: folder.path("a.npz"), compression)
    #expect(try folder.bytes(of: "a.npz") == bytes && folder.names() == ["a.npz"])
    try expectEqual(NPZ(contentsOf: folder.path("a.npz")), file)
    #expect(try NPZ(bytes: NPZ().encoded(compression)).entries.isEmpty)
  }

  @Test func deflatingMakesSmaller() throws {
    let file = try sample()
    #expect(file.encoded(.deflated).count * 4 < file.encoded().count)
  }

  /// Numbers that cannot be compressed, more than one of zlib's windows, come back too.
  @Test func noiseRoundTrips() throws {
    var generator = SplitMix64(1)
    let noise = (0..<50_000).map { _ in Int64(bitPattern: generator.next()) }
    var file = NPZ()
    try file.add("noise", Tensor(noise, shape: [50_000]))
    let bytes = file.encoded(.deflated)
    #expect(bytes.count > 400_000)
    #expect(try NPZ(bytes: bytes).tensor("noise").elements() == noise)
  }

  @Test func archivesOfNumPyAreRead() throws {
    for text in [NumPyFiles.archive, NumPyFiles.compressedArchive] {
      let file = try NPZ(bytes: NumPyFiles.bytes(text))
      #expect(file.names == ["weights", "ids", "mask"])
      #expect(
        try file.tensor("weights", type: TensorType(.float32, [2, 3])).elements() == (0..<6).map { Float($0) }
      )
      #expect(try file.tensor("ids").elements(Int64.self) == [1, 2, 3])
      #expect(try file.tensor("mask").elements() == [true, false])
    }
  }

  /// Archives with 64-bit fields everywhere, as those of 4 GiB and more have them.
  @Test(arguments: [false, true]) func wideFieldsAreReadAndWritten(isDeflated: Bool) throws {
    var writer = ZipWriter(limit: 1)
    var bytes: [UInt8] = []
    for name in ["a", "b"] {
      let (header, data) = writer.member("\(name).npy", NPY.encoded(Tensor(Float(3))), isDeflated: isDeflated)
      bytes += header + data
    }
    bytes += writer.end()
    let file = try NPZ(bytes: bytes)
    #expect(file.names == ["a", "b"])
    #expect(try file.tensor("b").scalar(Float.self) == 3)
    for length in 0..<bytes.count {
      #expect(throws: ArrayFileError.self) { try NPZ(bytes: Array(bytes[..<length])) }
    }
  }

  @Test func namesAreUnique() throws {
    var file = try sample()
    let error = try #require(throws: ArrayFileError.self) { try file.add("array0", Tensor(true)) }
    #expect(error.code == .duplicateName)
    #expect(throws: ArrayFileError.self) { try file.add(String(repeating: "x", count: 70_000), Tensor(true)) }
    let missing = try #require(throws: ArrayFileError.self) { try file.tensor("bias") }
    #expect(missing.code == .missing && missing.message.contains("array0"))
    #expect(throws: ArrayFileError.self) { try file.tensor("array0", type: TensorType(.float32, [3, 2])) }
  }

  /// Two members, stored, whose fields are then changed: where in the file, and to what.
  private func archive(isDeflated: Bool = false) -> (bytes: [UInt8], second: Int, directory: Int) {
    var writer = ZipWriter()
    let first = writer.member("a.npy", NPY.encoded(Tensor(Float(1))), isDeflated: isDeflated)
    let second = writer.member("b.npy", NPY.encoded(Tensor(Float(2))), isDeflated: isDeflated)
    let start = first.header.count + first.data.count
    let directory = start + second.header.count + second.data.count
    return (first.header + first.data + second.header + second.data + writer.end(), start, directory)
  }

  private func expectRefused(
    _ bytes: [UInt8], _ code: ArrayFileError.Code, _ words: String,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let error = try #require(throws: ArrayFileError.self, sourceLocation: location) { try NPZ(bytes: bytes) }
    #expect(error.code == code && error.message.contains(words), "\(error)", sourceLocation: location)
    #expect((0...bytes.count).contains(error.offset ?? -1), "\(error)", sourceLocation: location)
  }

  @Test func liesOfTheDirectoryAreFound() throws {
    let (good, second, directory) = archive()
    func changed(_ offset: Int, _ values: [UInt8]) -> [UInt8] {
      var bytes = good
      bytes.replaceSubrange(offset..<offset + values.count, with: values)
      return bytes
    }
    // An entry's fields: 8 flags, 10 method, 16 check sum, 20 and 24 sizes, 28 length of the name, 42 place, 46 name.
    try expectRefused(changed(directory + 8, [1, 0]), .compression, "encrypted")
    try expectRefused(changed(directory + 10, [12, 0]), .compression, "method 12")
    try expectRefused(changed(directory + 16, [0, 0, 0, 0]), .damaged, "check sum")
    try expectRefused(changed(directory + 20, [1, 0, 0, 0]), .size, "cannot be")
    try expectRefused(changed(directory + 24, [0xFE, 0xFF, 0xFF, 0x7F]), .size, "2147483646")
    try expectRefused(changed(directory + 20, [0xFE, 0xFF, 0xFF, 0x7F]), .directory, "outside")
    try expectRefused(changed(directory + 28, [0xFF, 0xFF]), .directory, "malformed")
    try expectRefused(changed(directory + 42, [0xF0, 0xFF, 0, 0]), .directory, "outside")
    try expectRefused(changed(directory + 42, [1, 0, 0, 0]), .directory, "no header")
    try expectRefused(changed(directory + 46, [0x63]), .directory, "another name")
    try expectRefused(changed(directory, [0]), .directory, "malformed")
    // Both entries are the first member; and the first has the second one's name too.
    let entry = Array(good[directory..<directory + 51])
    try expectRefused(changed(directory + 51, entry), .duplicateName, "two")
    try expectRefused(changed(second + 26, [0xFF, 0xFF]), .directory, "reaches into")
    try expectRefused(changed(30, Array("a.txt".utf8)), .directory, "another name")
    let end = good.count - 22
    try expectRefused(changed(end + 10, [3, 0]), .directory, "2 entries")
    try expectRefused(changed(end + 12, [0xFF]), .directory, "does not end")
    try expectRefused(changed(end + 16, [0, 0, 0, 0]), .directory, "does not end")
    try expectRefused(changed(end, [0]), .truncated, "directory")
    try expectRefused([1, 2, 3], .foreign, "ZIP")
  }

  @Test func membersThatOverlapAreRefused() throws {
    // The second member lies within the data of the first.
    var inner = ZipWriter()
    let b = inner.member("b.npy", NPY.encoded(Tensor(Float(2))), isDeflated: false)
    var writer = ZipWriter()
    let a = writer.member("a.npy", b.header + b.data, isDeflated: false)
    _ = writer.member("b.npy", NPY.encoded(Tensor(Float(2))), isDeflated: false)
    var end = writer.end()
    let place = UInt32(a.header.count)
    for byte in 0..<4 { end[51 + 42 + byte] = UInt8(truncatingIfNeeded: place >> (8 * UInt32(byte))) }
    let start = UInt32(a.header.count + a.data.count)
    for byte in 0..<4 { end[end.count - 6 + byte] = UInt8(truncatingIfNeeded: start >> (8 * UInt32(byte))) }
    try expectRefused(a.header + a.data + end, .directory, "within the member \"a.npy\"")
  }

  @Test func liesAboutDeflatedMembersAreFound() throws {
    let (good, _, directory) = archive(isDeflated: true)
    func changed(_ offset: Int, _ values: [UInt8]) -> [UInt8] {
      var bytes = good
      bytes.replaceSubrange(offset..<offset + values.count, with: values)
      return bytes
    }
    let byteCount = NPY.encoded(Tensor(Float(1))).count
    try expectRefused(changed(directory + 24, [UInt8(byteCount - 1)]), .size, "holds more")
    try expectRefused(changed(directory + 24, [UInt8(byteCount + 1)]), .size, "holds \(byteCount)")
    try expectRefused(changed(directory + 24, [0xFE, 0xFF, 0xFF, 0x7F]), .size, "cannot be")
    try expectRefused(changed(38, [0xFF, 0xFF, 0xFF]), .damaged, "damaged")
    try expectRefused(changed(directory + 20, [20]), .damaged, "damaged")
  }

  @Test func smallFilesThatHoldMuchAreBounded() throws {
    var file = NPZ()
    try file.add("zeros", Tensor(zeros: TensorType(.float64, [1 << 20])))
    let bytes = file.encoded(.deflated)
    #expect(bytes.count < 1 << 14)
    let error = try #require(throws: ArrayFileError.self) { try NPZ(bytes: bytes, inflatedLimit: 1 << 20) }
    #expect(error.code == .size && error.member == "zeros.npy" && error.message.contains("inflatedLimit"))
    #expect(try NPZ(bytes: bytes, inflatedLimit: 1 << 24)["zeros"]?.elementCount == 1 << 20)
  }

  @Test func mistakesInMembersNameTheirPlace() throws {
    var array = NPY.encoded(Tensor(true))
    array[array.count - 1] = 9
    for isDeflated in [false, true] {
      var writer = ZipWriter()
      let (header, data) = writer.member("mask.npy", array, isDeflated: isDeflated)
      let bytes = header + data + writer.end()
      let error = try #require(throws: ArrayFileError.self) { try NPZ(bytes: bytes) }
      #expect(error.code == .value && error.member == "mask.npy")
      #expect(error.offset == header.count + (isDeflated ? 0 : array.count - 1))
      #expect(error.message.contains("byte \(array.count - 1) of its contents") == isDeflated)
    }
    var writer = ZipWriter()
    let (header, data) = writer.member("readme.txt", [1, 2, 3], isDeflated: false)
    try expectRefused(header + data + writer.end(), .foreign, ".npy")
  }

  @Test func everyTruncationIsFound() throws {
    for isDeflated in [false, true] {
      let (bytes, _, _) = archive(isDeflated: isDeflated)
      for length in 0..<bytes.count {
        let error = try #require(throws: ArrayFileError.self) { try NPZ(bytes: Array(bytes[..<length])) }
        #expect(error.code == (length < 4 ? .foreign : .truncated) && (error.offset ?? -1) <= length)
      }
    }
  }
}
