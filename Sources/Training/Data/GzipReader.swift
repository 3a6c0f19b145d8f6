internal import CZlib

/// Reads the contents of a file that may be compressed by gzip (RFC 1952); a file that does not begin with gzip's
/// two bytes is read as it is. Holds no more of the file than a buffer, and never more of the contents than was asked
/// for.
final class GzipReader {
  /// How reading ends other than well.
  enum Failure: Error {
    /// The file cannot be read.
    case file(FileError)
    /// The file ends before the contents do.
    case truncated
    /// The compressed data are damaged.
    case damaged
  }

  private static let bufferByteCount = 1 << 18

  // SAFETY: the stream keeps the address of itself and of the input buffer; both are allocated here, never move, and
  // are freed after `inflateEnd`.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableBufferPointer<UInt8>
  private let file: InputFile
  private let isCompressed: Bool
  private var position = 0
  private var hasEnded = false

  /// Begins to read a file.
  init(_ file: InputFile) throws(FileError) {
    self.file = file
    isCompressed = try file.bytes(0..<Swift.min(2, file.byteCount)) == [0x1F, 0x8B]
    input = .allocate(capacity: GzipReader.bufferByteCount)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    if isCompressed {
      // 16 + 15: gzip's frame, the largest window. Only a lack of memory can make this fail; reading then fails.
      inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    }
  }

  deinit {
    if isCompressed { inflateEnd(stream) }
    stream.deallocate()
    input.deallocate()
  }

  /// The next `count` bytes of the contents.
  func read(_ count: Int) throws(Failure) -> [UInt8] {
    guard isCompressed else {
      guard count <= file.byteCount - position else { throw .truncated }
      do throws(FileError) {
        defer { position += count }
        return try file.bytes(position..<(position + count))
      } catch {
        throw .file(error)
      }
    }
    // Deflate makes at most 1032 bytes of one, so that a file cannot ask for memory out of all proportion.
    guard count / 1032 <= file.byteCount else { throw .truncated }
    var failure: Failure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      do throws(Failure) {
        filled = try inflate(into: UnsafeMutableBufferPointer(rebasing: target[..<count]))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard bytes.count == count else { throw .truncated }
    return bytes
  }

  /// Whether the contents end here. Reads a compressed file's check sum, too.
  func isAtEnd() throws(Failure) -> Bool {
    guard isCompressed else { return position == file.byteCount }
    var byte: [UInt8] = [0]
    let got = try byte.withUnsafeMutableBufferPointer { (target) throws(Failure) in try inflate(into: target)
    }
    return got == 0 && hasEnded
  }

  private func inflate(into target: UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int {
    var filled = 0
    while filled < target.count, !hasEnded {
      if stream.pointee.avail_in == 0 { try refill() }
      let room = Swift.min(target.count - filled, 1 << 30)
      stream.pointee.next_out = target.baseAddress! + filled
      stream.pointee.avail_out = UInt32(room)
      let status = CZlib.inflate(stream, Z_NO_FLUSH)
      filled += room - Int(stream.pointee.avail_out)
      switch status {
      case Z_OK: continue
      case Z_STREAM_END: hasEnded = true
      case Z_BUF_ERROR where position == file.byteCount && stream.pointee.avail_in == 0: throw .truncated
      default: throw .damaged
      }
    }
    return filled
  }

  private func refill() throws(Failure) {
    let count = Swift.min(input.count, file.byteCount - position)
    do throws(FileError) {
      try file.read(
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(input)[..<count]),
        at: position)
    } catch {
      throw .file(error)
    }
    position += count
    stream.pointee.next_in = input.baseAddress
    stream.pointee.avail_in = UInt32(count)
  }
}
