internal import TributaryOps

extension SafeTensors {
  /// Reads a file.
  /// - Throws: `SafeTensorsError` naming the path and the byte at which the file is wrong.
  public init(contentsOf path: String) throws(SafeTensorsError) {
    let file: InputFile
    let lengthField: [UInt8]
    do throws(FileError) {
      file = try InputFile(path)
      lengthField = try file.bytes(0..<Swift.min(8, file.byteCount))
    } catch {
      throw SafeTensorsError(.file, path: path, message: error.message)
    }
    try self.init(lengthField: lengthField, byteCount: file.byteCount, path: path) {
      (target: UnsafeMutableRawBufferPointer, offset: Int) throws(SafeTensorsError) in
      do throws(FileError) {
        try file.read(into: target, at: offset)
      } catch {
        throw SafeTensorsError(.file, path: path, message: error.message)
      }
    }
  }

  /// Reads the bytes of a file.
  /// - Throws: `SafeTensorsError` naming the byte at which they are wrong.
  public init(bytes: [UInt8]) throws(SafeTensorsError) {
    try self.init(lengthField: Array(bytes.prefix(8)), byteCount: bytes.count, path: nil) {
      (target: UnsafeMutableRawBufferPointer, offset: Int) throws(SafeTensorsError) in
      bytes.withUnsafeBytes { source in
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<(offset + target.count)]))
      }
    }
  }

  private init(
    lengthField: [UInt8], byteCount: Int, path: String?,
    read: (UnsafeMutableRawBufferPointer, Int) throws(SafeTensorsError) -> Void
  ) throws(SafeTensorsError) {
    let range = try SafeTensorsHeader.range(lengthField: lengthField, fileByteCount: byteCount, path: path)
    var json = [UInt8](repeating: 0, count: range.count)
    try json.withUnsafeMutableBufferPointer { (target) throws(SafeTensorsError) in
      try read(UnsafeMutableRawBufferPointer(target), range.lowerBound)
    }
    let header = try SafeTensorsHeader(json: json, fileByteCount: byteCount, path: path)
    self.init()
    for (name, text) in header.metadata { metadata[name] = text }
    for entry in header.entries {
      let storage = TensorStorage(byteCount: entry.bytes.count, zeroed: false)
      let target = UnsafeMutableRawBufferPointer(start: storage.baseAddress, count: entry.bytes.count)
      try read(target, entry.bytes.lowerBound)
      if entry.type.dtype == .bool, let index = target.firstIndex(where: { $0 > 1 }) {
        throw SafeTensorsError(
          .value, path: path, offset: entry.bytes.lowerBound + index,
          message: "tensor \"\(entry.name)\": a boolean is \(target[index]), neither 0 nor 1")
      }
      let tensor: Tensor
      do throws(ShapeError) {
        tensor = try Tensor(storage: storage, type: entry.type)
      } catch {
        throw SafeTensorsError(.entry, path: path, message: "tensor \"\(entry.name)\": \(error.message)")
      }
      try add(entry.name, tensor)
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
