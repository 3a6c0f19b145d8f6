public import TributaryOps

/// Single arrays in NumPy's NPY format (NEP 1; <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).
///
/// Versions 1.0, 2.0 and 3.0 are read, elements in either order of bytes, in row-major or column-major order (which is
/// turned). Element types f8, f4, i8, i4 and bool become those of ``/TributaryOps/DType``; f2, i1, i2, u1, u2, u4 and u8
/// are widened when asked for (``ForeignTypes``); complex numbers, text, records and objects are refused. Nothing but
/// numbers is ever read: no pickled objects.
public enum NPY {
  /// Reads a file.
  /// - Parameters:
  ///   - path: The file.
  ///   - foreignTypes: What is done with element types that there are no tensors of.
  /// - Throws: `ArrayFileError` naming the path and the byte at which the file is wrong.
  public static func tensor(
    contentsOf path: String, foreignTypes: ForeignTypes = .refused
  ) throws(ArrayFileError) -> Tensor {
    let source: ByteSource
    do throws(FileError) {
      source = try ByteSource(path: path)
    } catch {
      throw ArrayFileError(.file, path: path, message: error.message)
    }
    return try tensor(source, foreignTypes)
  }

  /// Reads the bytes of a file.
  /// - Parameters:
  ///   - bytes: A whole file.
  ///   - foreignTypes: What is done with element types that there are no tensors of.
  /// - Throws: `ArrayFileError` naming the byte at which they are wrong.
  public static func tensor(
    bytes: [UInt8], foreignTypes: ForeignTypes = .refused
  ) throws(ArrayFileError) -> Tensor {
    try tensor(ByteSource(bytes), foreignTypes)
  }

  /// The bytes of a file that holds a tensor: version 1.0, little-endian, row-major.
  public static func encoded(_ tensor: Tensor) -> [UInt8] {
    let header = NPYHeader.encoded(tensor.type)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(header.count + tensor.type.byteCount)
    bytes += header
    tensor.withUnsafeBytes { bytes += $0 }
    return bytes
  }

  /// Writes a file: beside the path first, then renamed, so that the path never holds half of it.
  /// - Throws: `ArrayFileError.file` with the system's reason; an old file is then untouched.
  public static func write(_ tensor: Tensor, to path: String) throws(ArrayFileError) {
    do throws(FileError) {
      let file = try OutputFile(replacing: path)
      try NPYHeader.encoded(tensor.type).withUnsafeBufferPointer { (bytes) throws(FileError) in
        try file.write(UnsafeRawBufferPointer(bytes))
      }
      try tensor.withUnsafeBytes { (bytes) throws(FileError) in try file.write(bytes) }
      try file.commit()
    } catch {
      throw ArrayFileError(.file, path: path, message: error.message)
    }
  }

  private static func tensor(
    _ source: ByteSource, _ foreignTypes: ForeignTypes
  ) throws(ArrayFileError) -> Tensor {
    do throws(ArrayFileError) {
      let prefix = try reading { () throws(FileError) in try source.bytes(0..<Swift.min(12, source.byteCount))
      }
      let headerEnd = try NPYHeader.byteCount(prefix: prefix)
      guard headerEnd <= source.byteCount else {
        throw ArrayFileError(
          .truncated, offset: source.byteCount,
          message: "ends after \(source.byteCount) bytes, within its header of \(headerEnd)")
      }
      let bytes = try reading { () throws(FileError) in try source.bytes(0..<headerEnd) }
      let header = try NPYHeader(bytes, foreignTypes: foreignTypes)
      let wanted = header.shape.elementCount * header.stored.byteCount
      let found = source.byteCount - headerEnd
      guard found == wanted else {
        let shape = "\(header.shape) of \(header.stored.byteCount)-byte elements needs \(wanted) bytes"
        throw ArrayFileError(
          found < wanted ? .truncated : .size, offset: Swift.min(headerEnd + wanted, source.byteCount),
          message: "\(shape) and \(found) follow the header")
      }
      return try tensor(header, source, headerEnd..<source.byteCount)
    } catch {
      throw ArrayFileError(
        error.code, path: source.path, offset: error.offset, message: error.message)
    }
  }

  private static func tensor(
    _ header: NPYHeader, _ source: ByteSource, _ range: Range<Int>
  ) throws(ArrayFileError) -> Tensor {
    let stored = header.stored
    let raw = try reading { () throws(FileError) in
      try source.storage(range, alignment: stored.byteCount)
    }
    defer { withExtendedLifetime(raw) {} }
    let bytes = UnsafeRawBufferPointer(start: raw.baseAddress, count: range.count)
    var storage = raw
    do throws(StoredValueError) {
      if stored.equal == nil || header.isBigEndian && stored.byteCount > 1 {
        storage = try stored.widened(bytes, isSwapped: header.isBigEndian)
      } else {
        try stored.check(bytes)
      }
    } catch {
      throw ArrayFileError(
        .value, offset: range.lowerBound + error.element * stored.byteCount, message: error.message)
    }
    do {
      guard header.isColumnMajor, header.shape.rank > 1 else {
        return try Tensor(storage: storage, type: TensorType(stored.widened, header.shape))
      }
      let turned = TensorType(stored.widened, Shape(header.shape.dimensions.reversed()))
      let axes = Array(header.shape.indices.reversed())
      return try Transpose(permutation: axes).evaluate(on: [Tensor(storage: storage, type: turned)])[0]
    } catch {
      throw ArrayFileError(.header, offset: 0, message: "has an impossible shape: \(error)")
    }
  }

  private static func reading<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(ArrayFileError) -> Result {
    do throws(FileError) {
      return try body()
    } catch {
      throw ArrayFileError(.file, message: error.message)
    }
  }
}
