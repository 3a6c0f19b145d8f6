#if canImport(Glibc)
  internal import Glibc
#endif

/// A whole file mapped into memory for reading; its pages are loaded when they are first looked at, and unmapped with
/// the last reference.
///
/// If somebody makes the file shorter meanwhile, looking at what is gone kills the process (SIGBUS); a file that is
/// replaced, as ``OutputFile`` does, stays as it was.
///
/// SAFETY: `@unchecked Sendable` since the mapping is private and read-only, and is made and unmade by `init` and
/// `deinit` alone.
final class MappedFile: @unchecked Sendable {
  /// The bytes of the file.
  let bytes: UnsafeRawBufferPointer

  /// Maps a file that has at least one byte.
  /// - Throws: `FileError` when the system refuses.
  init(_ file: InputFile) throws(FileError) {
    let address = file.withDescriptor { mmap(nil, file.byteCount, PROT_READ, MAP_PRIVATE, $0, 0) }
    guard let address, address != MAP_FAILED else {
      throw FileError(
        .unreadable, path: file.path, message: "cannot be mapped into memory: \(systemMessage())")
    }
    bytes = UnsafeRawBufferPointer(start: address, count: file.byteCount)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }
}
