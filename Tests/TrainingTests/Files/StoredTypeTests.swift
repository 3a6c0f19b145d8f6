import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryTraining

/// Element types that there are no tensors of, and files that are mapped into memory.
@Suite(.serialized) struct StoredTypeTests {
  /// A safetensors file of one tensor.
  private func file(_ dtype: String, _ count: Int, _ data: [UInt8], pad: Int = 0) -> [UInt8] {
    let header =
      "{\"a\": {\"dtype\": \"\(dtype)\", \"shape\": [\(count)], \"data_offsets\": [0, \(data.count)]}}"
      + String(repeating: " ", count: pad)
    return (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) } + Array(header.utf8)
      + data
  }

  @Test func everyHalfIsExact() throws {
    let data = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let tensor = try #require(
      try SafeTensors(bytes: file("F16", 65_536, data), foreignTypes: .widened)["a"])
    let numbers = try tensor.elements(Float.self)
    var mistakes = 0
    for (bits, number) in numbers.enumerated() {
      let (sign, exponent, fraction) = (bits >> 15, bits >> 10 & 31, bits & 1023)
      if exponent == 31, fraction != 0 {
        if !number.isNaN { mistakes += 1 }
        continue
      }
      let size: Float =
        exponent == 31
        ? .infinity
        : Float(
          sign: .plus, exponent: Swift.max(exponent, 1) - 25,
          significand: Float(fraction + (exponent > 0 ? 1024 : 0)))
      if number.bitPattern != (sign == 1 ? -size : size).bitPattern { mistakes += 1 }
    }
    #expect(mistakes == 0)
    let brain = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let wide = try #require(try SafeTensors(bytes: file("BF16", 65_536, brain), foreignTypes: .widened)["a"])
    #expect(try wide.elements(Float.self).map(\.bitPattern) == (0..<65_536).map { UInt32($0) << 16 })
  }

  @Test func integersAreWidened() throws {
    let cases: [(String, [UInt8], Tensor)] = [
      ("I8", [0x80, 0x7F], try Tensor([-128, 127] as [Int32], shape: [2])),
      ("I16", [0, 0x80, 1, 0], try Tensor([-32768, 1] as [Int32], shape: [2])),
      ("U8", [0, 0xFF], try Tensor([0, 255] as [Int32], shape: [2])),
      ("U16", [0xFF, 0xFF, 1, 0], try Tensor([65535, 1] as [Int32], shape: [2])),
      ("U32", [0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0], try Tensor([4_294_967_295, 1] as [Int64], shape: [2])),
      (
        "U64", [1, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        try Tensor([1, .max] as [Int64], shape: [2])
      ),
    ]
    for (dtype, data, wanted) in cases {
      let bytes = file(dtype, 2, data)
      let found = try #require(try SafeTensors(bytes: bytes, foreignTypes: .widened)["a"])
      #expect(found.type == wanted.type)
      #expect(found.withUnsafeBytes { Array($0) } == wanted.withUnsafeBytes { Array($0) })
      let error = try #require(throws: SafeTensorsError.self) { try SafeTensors(bytes: bytes) }
      #expect(error.code == .dtype && error.message.contains(dtype) && error.message.contains(".widened"))
    }
    let large = file("U64", 1, [0, 0, 0, 0, 0, 0, 0, 0x80])
    let error = try #require(throws: SafeTensorsError.self) {
      try SafeTensors(bytes: large, foreignTypes: .widened)
    }
    #expect(error.code == .value && error.offset == large.count - 8)
    for dtype in ["F8_E4M3", "C64", "f32"] {
      let refused = try #require(throws: SafeTensorsError.self) {
        try SafeTensors(bytes: file(dtype, 1, [0, 0, 0, 0, 0, 0, 0, 0]), foreignTypes: .widened)
      }
      #expect(refused.code == .dtype && refused.message.contains(dtype))
    }
  }

  private func sample() throws -> SafeTensors {
    var file = SafeTensors()
    try file.add("weights", Tensor((0..<6).map { Float($0) }, shape: [2, 3]))
    try file.add("mask", Tensor([true, false, true], shape: [3]))
    try file.add("wide", Tensor([1, -1] as [Double], shape: [2, 1]))
    try file.add("empty", Tensor([] as [Float], shape: [0, 4]))
    return file
  }

  @Test func mappedFilesHoldTheSame() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a")
    let file = try sample()
    try file.write(to: path)
    let mapped = try SafeTensors(mapping: path)
    #expect(mapped.names == file.names)
    for (a, b) in zip(mapped.entries, file.entries) {
      #expect(a.tensor.type == b.tensor.type)
      #expect(a.tensor.withUnsafeBytes { Array($0) } == b.tensor.withUnsafeBytes { Array($0) })
    }
    // Two tensors of one page lie where the file's bytes lie.
    func address(_ name: String) throws -> Int {
      try mapped.tensor(name).withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
    }
    #expect(try address("mask") - address("weights") == 24)
  }

  @Test func mappedTensorsOutliveTheRestAndAreCopiedWhenChanged() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("a")
    try sample().write(to: path)
    var weights = try SafeTensors(mapping: path).tensor("weights")
    let other = weights
    // The file is replaced; the mapping is of the old one.
    try SafeTensors().write(to: path)
    #expect(try weights.elements() == (0..<6).map { Float($0) })
    weights.withUnsafeMutableBytes { $0.storeBytes(of: Float(9), as: Float.self) }
    #expect(try weights.elements(Float.self)[0] == 9 && other.elements(Float.self)[0] == 0)
    var alone = weights
    weights = other
    alone.withUnsafeMutableBytes { $0.storeBytes(of: Float(8), as: Float.self) }
    #expect(try alone.elements(Float.self)[0] == 8)
  }

  @Test(arguments: 0..<8) func whatIsNotAlignedIsCopied(pad: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write(file("F64", 2, [UInt8](repeating: 0, count: 14) + [0xF0, 0x3F], pad: pad), to: "a")
    let tensor = try SafeTensors(mapping: folder.path("a")).tensor("a")
    #expect(try tensor.elements() == [0, 1.0])
    #expect(tensor.withUnsafeBytes { Int(bitPattern: $0.baseAddress) % 8 } == 0)
  }

  @Test func mappedTensorsAreFed() throws {
    let folder = try TemporaryFolder()
    try sample().write(to: folder.path("a"))
    let weights = try SafeTensors(mapping: folder.path("a")).tensor("weights")
    let g = GraphBuilder()
    let x = g.input("x", [2, 3])
    let y = x * 2 + g.constant(weights)
    let executable = try g.compile(fetching: [y])
    let outputs = try executable.run(on: GraphExecutor(workers: 2), feeding: [x: weights])
    #expect(try outputs[y].elements() == (0..<6).map { Float($0 * 3) })
  }

  @Test func mappingWhatIsMalformedIsAnError() throws {
    let folder = try TemporaryFolder()
    try folder.write([], to: "empty")
    try folder.write([1, 2, 3], to: "short")
    try folder.write(file("BOOL", 2, [1, 7]), to: "bool")
    #expect(
      try #require(throws: SafeTensorsError.self) { try SafeTensors(mapping: folder.path("empty")) }.code
        == .truncated)
    #expect(
      try #require(throws: SafeTensorsError.self) { try SafeTensors(mapping: folder.path("short")) }.code
        == .truncated)
    #expect(
      try #require(throws: SafeTensorsError.self) { try SafeTensors(mapping: folder.path("bool")) }.code
        == .value)
    #expect(
      try #require(throws: SafeTensorsError.self) { try SafeTensors(mapping: folder.path("none")) }.code
        == .file)
    #expect(
      try #require(throws: SafeTensorsError.self) { try SafeTensors(mapping: folder.path("")) }.code == .file)
  }
}
