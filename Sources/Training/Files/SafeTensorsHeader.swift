internal import TributaryOps

/// The checked header of a safetensors file: every entry lies within the data, entries neither overlap nor leave
/// holes, and each has exactly the bytes of its type.
struct SafeTensorsHeader {
  /// One tensor of the file.
  struct Entry {
    var name: String
    /// The type of the tensor that it becomes.
    var type: TensorType
    /// The element type in the file.
    var stored: StoredType
    /// Bytes of the file, counted from its start.
    var bytes: Range<Int>
  }

  /// The longest header that is read; the format's reference reader has the same bound.
  static let maximumByteCount = 100_000_000

  var entries: [Entry] = []
  var metadata: [(name: String, value: String)] = []

  /// Reads the length field.
  /// - Returns: The range of the file that holds the header's JSON.
  static func range(
    lengthField: [UInt8], fileByteCount: Int, path: String?
  ) throws(SafeTensorsError) -> Range<Int> {
    guard fileByteCount >= 8, lengthField.count == 8 else {
      throw SafeTensorsError(
        .truncated, path: path, offset: fileByteCount,
        message: "has \(fileByteCount) bytes; a safetensors file begins with an 8-byte header length")
    }
    let length = lengthField.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumByteCount) else {
      throw SafeTensorsError(
        .foreign, path: path, offset: 0,
        message: "is not a safetensors file: its first 8 bytes give a header of \(length) bytes")
    }
    guard Int(length) <= fileByteCount - 8 else {
      throw SafeTensorsError(
        .truncated, path: path, offset: fileByteCount,
        message: "ends after \(fileByteCount) bytes, within its header of \(length) bytes")
    }
    return 8..<(8 + Int(length))
  }

  /// Reads and checks the header's JSON.
  init(
    json bytes: [UInt8], fileByteCount: Int, path: String?, foreignTypes: ForeignTypes = .refused
  ) throws(SafeTensorsError) {
    guard bytes.first == UInt8(ascii: "{") else {
      throw SafeTensorsError(
        .foreign, path: path, offset: 8, message: "is not a safetensors file: its header is no JSON object")
    }
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: bytes)
    } catch {
      throw SafeTensorsError(
        error.isDuplicateKey ? .duplicateName : .foreign, path: path, offset: 8 + error.offset,
        message: error.isDuplicateKey ? error.message : "has a header that is not JSON: \(error.message)")
    }
    let dataStart = 8 + bytes.count
    for member in json.members ?? [] {
      if member.name == "__metadata__" {
        try readMetadata(member.value, path: path)
      } else {
        entries.append(
          try SafeTensorsHeader.entry(
            member.name, member.value, data: dataStart..<fileByteCount, path: path, foreignTypes))
      }
    }
    try checkCoverage(dataStart..<fileByteCount, path: path)
  }

  private mutating func readMetadata(_ value: JSON, path: String?) throws(SafeTensorsError) {
    guard let members = value.members else {
      throw SafeTensorsError(.entry, path: path, offset: 8, message: "__metadata__ is no object")
    }
    for member in members {
      guard let text = member.value.stringValue else {
        throw SafeTensorsError(
          .entry, path: path, offset: 8, message: "__metadata__ \"\(member.name)\" is no string")
      }
      metadata.append((member.name, text))
    }
  }

  private static func entry(
    _ name: String, _ value: JSON, data: Range<Int>, path: String?, _ foreignTypes: ForeignTypes
  ) throws(SafeTensorsError) -> Entry {
    func wrong(_ code: SafeTensorsError.Code, _ message: String, at offset: Int = 8) -> SafeTensorsError {
      SafeTensorsError(code, path: path, offset: offset, message: "tensor \"\(name)\": \(message)")
    }
    guard let members = value.members else { throw wrong(.entry, "its entry is no object") }
    if let unknown = members.first(where: { !["dtype", "shape", "data_offsets"].contains($0.name) }) {
      throw wrong(.entry, "its entry has the unknown key \"\(unknown.name)\"")
    }
    guard let dtypeName = value["dtype"]?.stringValue else {
      throw wrong(.entry, "dtype is missing or no string")
    }
    let stored: StoredType
    do throws(ShapeError) {
      stored = try StoredType(safeTensorsName: dtypeName, foreignTypes)
    } catch {
      throw wrong(.dtype, error.message)
    }
    guard let lengths = value["shape"]?.arrayValue else {
      throw wrong(.entry, "shape is missing or no array")
    }
    guard lengths.count <= Shape.maximumRank else {
      throw wrong(.entry, "shape has \(lengths.count) axes; at most \(Shape.maximumRank) are supported")
    }
    var dimensions: [Int] = []
    for length in lengths {
      guard let dimension = length.integerValue, dimension >= 0 else {
        throw wrong(.entry, "shape has an axis that is no length: \(length.text)")
      }
      dimensions.append(dimension)
    }
    let shape = Shape(dimensions)
    do throws(ShapeError) { try shape.validate() } catch { throw wrong(.entry, error.message) }
    guard let offsets = value["data_offsets"]?.arrayValue, offsets.count == 2,
      let begin = offsets[0].integerValue, let end = offsets[1].integerValue
    else { throw wrong(.entry, "data_offsets is missing or no pair of integers") }
    guard begin >= 0, begin <= end else {
      throw wrong(.offsets, "data_offsets [\(begin), \(end)] run backwards")
    }
    guard end <= data.count else {
      throw wrong(
        .truncated, "its data end at byte \(end) of the data, of which the file has \(data.count)",
        at: data.upperBound)
    }
    let byteCount = shape.elementCount * stored.byteCount
    guard byteCount == end - begin else {
      let what = stored.equal.map { "\(TensorType($0, shape))" } ?? "\(dtypeName) \(shape)"
      throw wrong(
        .offsets, "\(what) needs \(byteCount) bytes and data_offsets give \(end - begin)",
        at: data.lowerBound + begin)
    }
    return Entry(
      name: name, type: TensorType(stored.widened, shape), stored: stored,
      bytes: (data.lowerBound + begin)..<(data.lowerBound + end))
  }

  private func checkCoverage(_ data: Range<Int>, path: String?) throws(SafeTensorsError) {
    var end = data.lowerBound
    let ordered = entries.sorted {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    for entry in ordered {
      guard entry.bytes.lowerBound == end else {
        let what =
          entry.bytes.lowerBound < end ? "overlap those of another tensor" : "leave a hole before them"
        throw SafeTensorsError(
          .offsets, path: path, offset: entry.bytes.lowerBound,
          message: "tensor \"\(entry.name)\": its data \(what)")
      }
      end = entry.bytes.upperBound
    }
    guard end == data.upperBound else {
      throw SafeTensorsError(
        .offsets, path: path, offset: end,
        message: "has \(data.upperBound - end) bytes at its end that belong to no tensor")
    }
  }
}

extension StoredType {
  /// The type of a name in the format, where tensors can be made of it.
  /// - Throws: `ShapeError` saying which types there are, and that this one may be widened where it may.
  fileprivate init(safeTensorsName name: String, _ foreignTypes: ForeignTypes) throws(ShapeError) {
    let known = StoredType.allCases.filter { $0.equal != nil }.map(\.safeTensorsName).joined(separator: ", ")
    guard let type = StoredType(safeTensorsName: name) else {
      throw ShapeError(.dtype, "dtype \(name) is not supported; convert it to one of \(known)")
    }
    guard type.equal != nil || foreignTypes == .widened else {
      throw ShapeError(
        .dtype,
        "there are no tensors of dtype \(name); read it with foreignTypes: .widened, which makes \(type.widened) of it, "
          + "or convert it to one of \(known)")
    }
    self = type
  }
}

extension DType {
  /// The format's name of the type.
  var safeTensorsName: String {
    switch self {
    case .float32: "F32"
    case .float64: "F64"
    case .int32: "I32"
    case .int64: "I64"
    case .bool: "BOOL"
    }
  }
}
