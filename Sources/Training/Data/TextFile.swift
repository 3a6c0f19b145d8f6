/// Reads texts in UTF-8.
public enum TextFile {
  /// The text of a file.
  /// - Throws: `DataError.file` when it cannot be opened or read, `.empty` when it has no bytes, `.encoding` naming the first
  ///   byte that is not UTF-8.
  public static func read(_ path: String) throws(DataError) -> String {
    let bytes: [UInt8]
    do throws(FileError) {
      let file = try InputFile(path)
      bytes = try file.bytes(0..<file.byteCount)
    } catch {
      throw DataError(.file, path: path, message: error.message)
    }
    guard !bytes.isEmpty else { throw DataError(.empty, path: path, message: "is empty; give a text") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let offset = firstInvalidOffset(bytes)
      throw DataError(
        .encoding, path: path,
        message:
          "is not UTF-8: byte \(offset) is 0x\(String(bytes[offset], radix: 16)); convert it with iconv")
    }
    return text
  }

  /// Where the first sequence begins that is no character.
  private static func firstInvalidOffset(_ bytes: [UInt8]) -> Int {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .valid(let scalar) = parser.parseScalar(from: &iterator) { offset += scalar.count }
    return Swift.min(offset, bytes.count - 1)
  }
}
