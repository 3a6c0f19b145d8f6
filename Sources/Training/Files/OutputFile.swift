#if canImport(Glibc)
  internal import Glibc
#endif

/// A file being replaced as a whole: bytes go to a new file beside it, which takes its place only once they are all
/// on the disk. Whoever reads the path sees the old file or the new one, never half of either; if the replacement is
/// dropped before ``commit()``, the old file stays.
final class OutputFile {
  private let path: String
  private let temporary: String
  private let descriptor: Int32

  /// Creates the new file beside `path`.
  /// - Throws: `FileError` when the folder does not exist or may not be written.
  init(replacing path: String) throws(FileError) {
    self.path = path
    temporary = "\(path).partial-\(getpid())"
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw FileError(.unwritable, path: path, message: "is not a regular file; give the path of a file")
    }
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw FileError(.unwritable, path: path, message: "cannot be written: \(systemMessage())")
    }
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
    unlink(temporary)
  }

  /// Appends bytes.
  /// - Throws: `FileError` when the disk refuses them.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw FileError(.unwritable, path: path, message: "cannot be written: \(systemMessage())")
      }
      done += count
    }
  }

  /// Flushes the bytes to the disk and puts the new file in the old one's place.
  /// - Throws: `FileError` when either fails; the old file is then untouched.
  func commit() throws(FileError) {
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      throw FileError(.unwritable, path: path, message: "cannot be replaced: \(systemMessage())")
    }
    // The name is durable once its folder is; a folder that cannot be synced costs durability, not consistency.
    let folder = open(parentFolder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// Throws unless a file could be written at the path now.
  /// - Throws: `FileError` naming the path and the system's reason.
  static func checkWritable(_ path: String) throws(FileError) {
    _ = try OutputFile(replacing: path)
  }
}

/// The folder that holds a path: `.` for a bare name.
func parentFolder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
