internal import TributaryOps

extension SafeTensors {
  /// Reads a file.
  /// - Parameters:
  ///   - path: The file.
  ///   - foreignTypes: What is done with element types that there are no tensors of.
  /// - Throws: `SafeTensorsError` naming the path and the byte at which the file is wrong.
  public init(
    contentsOf path: String, foreignTypes: ForeignTypes = .refused
  ) throws(SafeTensorsError) {
    let source: ByteSource
    do throws(FileError) {
      source = try ByteSource(path: path)
    } catch {
      throw SafeTensorsError(.file, path: path, message: error.message)
    }
    try self.init(source, foreignTypes)
  }

  /// Maps a file into memory: its tensors are where the file's bytes are, which are loaded when they are first looked at
  /// and copied when a tensor is changed. Tensors that are widened, or not aligned to their elements, are copied at once.
  ///
  /// The mapping lasts as long as any of the tensors. The file must not be changed or made shorter meanwhile: tensors
  /// would change, or the process be killed (SIGBUS); replacing it, as ``write(to:)`` does, is harmless.
  /// - Parameters:
  ///   - path: The file.
  ///   - foreignTypes: What is done with element types that there are no tensors of.
  /// - Throws: `SafeTensorsError` naming the path and the byte at which the file is wrong.
  public init(mapping path: String, foreignTypes: ForeignTypes = .refused) throws(SafeTensorsError) {
    let source: ByteSource
    do throws(FileError) {
      source = try ByteSource(path: path, isMapped: true)
    } catch {
      throw SafeTensorsError(.file, path: path, message: error.message)
    }
    try self.init(source, foreignTypes)
  }

  /// Reads the bytes of a file.
  /// - Parameters:
  ///   - bytes: A whole file.
  ///   - foreignTypes: What is done with element types that there are no tensors of.
  /// - Throws: `SafeTensorsError` naming the byte at which they are wrong.
  public init(bytes: [UInt8], foreignTypes: ForeignTypes = .refused) throws(SafeTensorsError) {
    try self.init(ByteSource(bytes), foreignTypes)
  }

  private init(_ source: ByteSource, _ foreignTypes: ForeignTypes) throws(SafeTensorsError) {
    let lengthField = try SafeTensors.reading(source) { (source) throws(FileError) in
      try source.bytes(0..<Swift.min(8, source.byteCount))
    }
    let range = try SafeTensorsHeader.range(
      lengthField: lengthField, fileByteCount: source.byteCount, path: source.path)
    let json = try SafeTensors.reading(source) { (source) throws(FileError) in try source.bytes(range) }
    let header = try SafeTensorsHeader(
      json: json, fileByteCount: source.byteCount, path: source.path, foreignTypes: foreignTypes)
    self.init()
    for (name, text) in header.metadata { metadata[name] = text }
    for entry in header.entries { try add(entry.name, SafeTensors.tensor(entry, source)) }
  }

  private static func tensor(
    _ entry: SafeTensorsHeader.Entry, _ source: ByteSource
  ) throws(SafeTensorsError) -> Tensor {
    let raw = try reading(source) { (source) throws(FileError) in
      try source.storage(entry.bytes, alignment: entry.stored.byteCount)
    }
    do throws(StoredValueError) {
      defer { withExtendedLifetime(raw) {} }
      let bytes = UnsafeRawBufferPointer(start: raw.baseAddress, count: entry.bytes.count)
      let storage: TensorStorage
      if entry.stored.equal == nil {
        storage = try entry.stored.widened(bytes, isSwapped: false)
      } else {
        try entry.stored.check(bytes)
        storage = raw
      }
      // The header has checked the shape, and the storage has the bytes of the type.
      guard let tensor = try? Tensor(storage: storage, type: entry.type) else {
        throw StoredValueError(element: 0, message: "\(entry.type) does not fit its bytes")
      }
      return tensor
    } catch {
      throw SafeTensorsError(
        .value, path: source.path, offset: entry.bytes.lowerBound + error.element * entry.stored.byteCount,
        message: "tensor \"\(entry.name)\": \(error.message)")
    }
  }

  private static func reading<Result>(
    _ source: ByteSource, _ body: (ByteSource) throws(FileError) -> Result
  ) throws(SafeTensorsError) -> Result {
    do throws(FileError) {
      return try body(source)
    } catch {
      throw SafeTensorsError(.file, path: source.path, message: error.message)
    }
  }

  /// The bytes of a file that holds these tensors.
  ///
  /// The header names tensors and metadata in order; the data lie by falling element size, so that every tensor is
  /// aligned to its elements, and the header is padded with blanks to a multiple of eight bytes.
  public func encoded() -> [UInt8] {
    let header = encodedHeader()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(header.count + entries.reduce(0) { $0 + $1.tensor.type.byteCount })
    bytes += header
    for index in dataOrder { entries[index].tensor.withUnsafeBytes { bytes += $0 } }
    return bytes
  }

  /// Writes a file: beside the path first, then renamed, so that the path never holds half of it.
  /// - Throws: `SafeTensorsError.file` with the system's reason; an old file is then untouched.
  public func write(to path: String) throws(SafeTensorsError) {
    do throws(FileError) {
      let file = try OutputFile(replacing: path)
      let header = encodedHeader()
      try header.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try file.write(UnsafeRawBufferPointer(bytes))
      }
      for index in dataOrder {
        try entries[index].tensor.withUnsafeBytes { (bytes) throws(FileError) in try file.write(bytes) }
      }
      try file.commit()
    } catch {
      throw SafeTensorsError(.file, path: path, message: error.message)
    }
  }

  private var dataOrder: [Int] {
    entries.indices.sorted { a, b in
      let sizes = (entries[a].tensor.dtype.byteCount, entries[b].tensor.dtype.byteCount)
      return sizes.0 == sizes.1 ? a < b : sizes.0 > sizes.1
    }
  }

  private func encodedHeader() -> [UInt8] {
    var begins = [Int](repeating: 0, count: entries.count)
    var end = 0
    for index in dataOrder {
      begins[index] = end
      end += entries[index].tensor.type.byteCount
    }
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
      members.append(JSON.Member("__metadata__", .object(pairs)))
    }
    for (entry, begin) in zip(entries, begins) {
      let type = entry.tensor.type
      members.append(
        JSON.Member(
          entry.name,
          .object([
            JSON.Member("dtype", .string(type.dtype.safeTensorsName)),
            JSON.Member("shape", .array(type.shape.map { .integer($0) })),
            JSON.Member("data_offsets", .array([.integer(begin), .integer(begin + type.byteCount)])),
          ])))
    }
    var json = Array(JSON.object(members).text.utf8)
    while json.count % 8 != 0 { json.append(0x20) }
    let length = UInt64(json.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json
  }
}
