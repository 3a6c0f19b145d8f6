internal import TributaryOps

/// Bytes that are read by their offsets: of memory, of a file, or of a file mapped into memory.
struct ByteSource {
  private enum Kind {
    case bytes([UInt8])
    case file(InputFile)
    case mapping(MappedFile)
  }

  private let kind: Kind

  /// The number of bytes.
  let byteCount: Int

  /// The file, when there is one.
  let path: String?

  /// Bytes in memory.
  init(_ bytes: [UInt8]) {
    kind = .bytes(bytes)
    byteCount = bytes.count
    path = nil
  }

  /// The bytes of a file.
  /// - Throws: `FileError` when it cannot be opened, or mapped.
  init(path: String, isMapped: Bool = false) throws(FileError) {
    let file = try InputFile(path)
    // Nothing cannot be mapped.
    kind = isMapped && file.byteCount > 0 ? .mapping(try MappedFile(file)) : .file(file)
    byteCount = file.byteCount
    self.path = path
  }

  /// Fills a buffer with the bytes from an offset on, which lie within the source.
  /// - Throws: `FileError` when reading fails.
  func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    switch kind {
    case .bytes(let bytes):
      bytes.withUnsafeBytes { target.copyMemory(from: .init(rebasing: $0[offset..<offset + target.count])) }
    case .file(let file): try file.read(into: target, at: offset)
    case .mapping(let mapping):
      target.copyMemory(from: .init(rebasing: mapping.bytes[offset..<offset + target.count]))
    }
  }

  /// The bytes of a range that lies within the source.
  /// - Throws: `FileError` when reading fails.
  func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    switch kind {
    case .bytes(let bytes): return Array(bytes[range])
    case .file(let file): return try file.bytes(range)
    case .mapping(let mapping): return Array(mapping.bytes[range])
    }
  }

  /// The bytes of a range as a tensor's storage: where they lie when the source is mapped and they are aligned, else
  /// copied.
  /// - Throws: `FileError` when reading fails.
  func storage(_ range: Range<Int>, alignment: Int) throws(FileError) -> TensorStorage {
    if case .mapping(let mapping) = kind, !range.isEmpty {
      let bytes = UnsafeRawBufferPointer(rebasing: mapping.bytes[range])
      if Int(bitPattern: bytes.baseAddress) % alignment == 0 {
        return TensorStorage(borrowing: bytes, of: mapping)
      }
    }
    let storage = TensorStorage(byteCount: range.count, zeroed: false)
    try read(
      into: UnsafeMutableRawBufferPointer(start: storage.baseAddress, count: range.count),
      at: range.lowerBound)
    return storage
  }
}
