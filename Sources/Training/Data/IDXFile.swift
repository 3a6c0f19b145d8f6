/// An array of bytes in the IDX format of the MNIST family: two zero bytes, the element type, the number of axes,
/// the length of each as a big-endian 32-bit number, then the elements. Files compressed by gzip are read as well.
public struct IDXFile: Sendable {
  /// The lengths of the axes, outermost first.
  public let dimensions: [Int]

  /// The elements in row-major order.
  public let bytes: [UInt8]

  /// Reads a file of unsigned bytes.
  /// - Parameters:
  ///   - path: The file.
  ///   - rank: The number of axes that it must have.
  /// - Throws: `DataError` when the file is missing, truncated, damaged, or of another kind.
  public init(contentsOf path: String, rank: Int) throws(DataError) {
    let parsed: Result<([Int], [UInt8]), DataError>
    let file: InputFile
    let reader: GzipReader
    do throws(FileError) {
      file = try InputFile(path)
      reader = try GzipReader(file)
    } catch {
      throw DataError(.file, path: path, message: error.message)
    }
    do throws(GzipReader.Failure) {
      parsed = try IDXFile.parse(reader, rank: rank, path: path)
    } catch {
      switch error {
      case .file(let error): throw DataError(.file, path: path, message: error.message)
      case .truncated:
        throw DataError(
          .truncated, path: path, message: "ends early, after \(file.byteCount) bytes; fetch it again")
      case .damaged:
        throw DataError(.foreign, path: path, message: "is damaged: its compressed data cannot be read")
      }
    }
    (dimensions, bytes) = try parsed.get()
  }

  private static func parse(
    _ reader: GzipReader, rank: Int, path: String
  ) throws(GzipReader.Failure) -> Result<([Int], [UInt8]), DataError> {
    func foreign(_ message: String) -> Result<([Int], [UInt8]), DataError> {
      .failure(DataError(.foreign, path: path, message: message))
    }
    let magic = try reader.read(4)
    guard magic[0] == 0, magic[1] == 0 else {
      return foreign("is not an IDX file: it begins with \(magic[0]), \(magic[1]) instead of two zero bytes")
    }
    guard magic[2] == 0x08 else {
      return foreign("holds elements of IDX type \(magic[2]); only unsigned bytes, type 8, are read")
    }
    guard Int(magic[3]) == rank else { return foreign("has \(magic[3]) axes; \(rank) are needed") }
    var dimensions: [Int] = []
    var count = 1
    for _ in 0..<rank {
      let length = try reader.read(4).reduce(0) { $0 << 8 | Int($1) }
      dimensions.append(length)
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      count = overflow ? Int.max : product
    }
    let bytes = try reader.read(count)
    guard try reader.isAtEnd() else {
      return foreign("has more bytes than its axes \(dimensions) hold")
    }
    return .success((dimensions, bytes))
  }
}
