#if canImport(Glibc)
  internal import Glibc
#endif

/// A regular file opened for reading; closed with the last reference.
final class InputFile {
  /// The path as given.
  let path: String

  /// The number of bytes when the file was opened.
  let byteCount: Int

  private let descriptor: Int32

  /// Opens a regular file.
  /// - Throws: `FileError` when it does not exist, may not be read or is no regular file.
  init(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code: FileError.Code = errno == ENOENT || errno == ENOTDIR ? .notFound : .unreadable
      throw FileError(code, path: path, message: "cannot be opened: \(systemMessage())")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileError(.unreadable, path: path, message: "is not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Calls `body` with the open file's number.
  func withDescriptor<Result>(_ body: (Int32) -> Result) -> Result { body(descriptor) }

  /// Whether there is something at a path.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Fills a buffer with the bytes from an offset on.
  /// - Throws: `FileError` when reading fails or the file has meanwhile become shorter.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, offset + done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let reason = count == 0 ? "it ended early; was it changed while being read?" : systemMessage()
        throw FileError(
          .unreadable, path: path, message: "cannot be read at byte \(offset + done): \(reason)")
      }
      done += count
    }
  }

  /// The bytes of a range that lies within the file.
  /// - Throws: `FileError` when reading fails.
  func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      do throws(FileError) {
        try read(
          into: UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count]),
          at: range.lowerBound)
        count = range.count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }
}

/// The system's reason for the last failed call.
func systemMessage() -> String { String(cString: strerror(errno)) }
