import Testing
import TributaryOps
import TributaryTestSupport

@testable import TributaryTraining

@Suite struct SafeTensorsTests {
  private func sample() throws -> SafeTensors {
    var file = SafeTensors()
    try file.add("mask", Tensor([true, false, true], shape: [3]))
    try file.add("weights", Tensor([1.5, -2, .infinity, 4, 5, 6] as [Float], shape: [2, 3]))
    try file.add("deep/name \"quoted\" ∂", Tensor([1, -1] as [Double], shape: [2, 1]))
    try file.add("scalar", Tensor(Int64.min))
    try file.add("ids", Tensor([1, 2, 3] as [Int32], shape: [3]))
    try file.add("empty", Tensor([] as [Float], shape: [0, 4]))
    file.metadata = ["step": "12", "fixture": "{\"a\": [1, 2]}\n"]
    return file
  }

  private func expectEqual(_ a: SafeTensors, _ b: SafeTensors) {
    #expect(a.names == b.names)
    #expect(a.metadata == b.metadata)
    for (x, y) in zip(a.entries, b.entries) {
      #expect(x.tensor.type == y.tensor.type)
      #expect(x.tensor.withUnsafeBytes { Array($0) } == y.tensor.withUnsafeBytes { Array($0) })
    }
  }

  @Test func bytesRoundTrip() throws {
    let file = try sample()
    let bytes = file.encoded()
    try expectEqual(SafeTensors(bytes: bytes), file)
    #expect(try SafeTensors(bytes: bytes).encoded() == bytes)
  }

  @Test func filesRoundTripAndLeaveNothingBeside() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a.safetensors")
    let file = try sample()
    try file.write(to: path)
    try expectEqual(SafeTensors(contentsOf: path), file)
    try file.write(to: path)
    #expect(try folder.names() == ["a.safetensors"])
  }

  @Test func nothingAtAllRoundTrips() throws {
    #expect(try SafeTensors(bytes: SafeTensors().encoded()).entries.isEmpty)
  }

  @Test func dataAreAlignedToTheirElements() throws {
    let bytes = try sample().encoded()
    let header = try SafeTensorsHeader(
      json: Array(
        bytes[
          SafeTensorsHeader.range(
            lengthField: Array(bytes.prefix(8)), fileByteCount: bytes.count, path: nil)]),
      fileByteCount: bytes.count, path: nil)
    for entry in header.entries {
      #expect(entry.bytes.lowerBound % entry.type.dtype.byteCount == 0, "\(entry.name)")
    }
  }

  @Test func namesAreUnique() throws {
    var file = try sample()
    let error = try #require(throws: SafeTensorsError.self) { try file.add("mask", Tensor(true)) }
    #expect(error.code == .duplicateName)
    #expect(file["mask"]?.shape == [3])
    #expect(throws: SafeTensorsError.self) { try file.add("__metadata__", Tensor(true)) }
  }

  @Test func askingForWhatIsNotThereSaysWhatIs() throws {
    let file = try sample()
    let missing = try #require(throws: SafeTensorsError.self) { try file.tensor("bias") }
    #expect(missing.description.contains("\"bias\"") && missing.description.contains("weights"))
    let other = try #require(throws: SafeTensorsError.self) {
      try file.tensor("weights", type: TensorType(.float32, [3, 2]))
    }
    #expect(other.description.contains("f32[2, 3]") && other.description.contains("f32[3, 2]"))
  }

  @Test func unreadableAndUnwritablePaths() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path("none"), folder.path("none/at/all"), folder.path("")] {
      let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(contentsOf: path) }
      #expect(error.code == .file && error.path == path)
    }
    for path in [folder.path("none/at/all"), folder.path("")] {
      let error = try #require(throws: SafeTensorsError.self) { try sample().write(to: path) }
      #expect(error.code == .file && error.description.hasPrefix(path))
    }
    #expect(try folder.names().isEmpty)
  }

  /// Every prefix of a good file is refused as such, and names a byte.
  @Test func everyTruncationIsFound() throws {
    let bytes = try sample().encoded()
    for length in 0..<bytes.count {
      let error = try #require(throws: SafeTensorsError.self) {
        try SafeTensors(bytes: Array(bytes[..<length]))
      }
      #expect(error.code == .truncated, "\(length): \(error)")
      #expect(error.offset == length)
    }
  }

  /// No change of one byte of the header leads outside the file; most are found.
  @Test func everyChangedByteIsReadOrRefused() throws {
    let bytes = try sample().encoded()
    let header = Int(bytes[0]) | Int(bytes[1]) << 8
    var refused = 0
    for position in 0..<(8 + header) {
      for change: UInt8 in [0x01, 0x10, 0x80] {
        var changed = bytes
        changed[position] ^= change
        do throws(SafeTensorsError) { _ = try SafeTensors(bytes: changed) } catch { refused += 1 }
      }
    }
    #expect(refused > header)
  }
}
