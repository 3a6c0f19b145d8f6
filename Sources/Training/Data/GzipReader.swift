internal import CZlib

/// Reads the contents of a file that may be compressed by gzip (RFC 1952); a file that does not begin with gzip's
/// two bytes is read as it is. Never holds more of the contents than was asked for.
final class GzipReader {
  /// How reading ends other than well.
  enum Failure: Error, Equatable {
    /// The file ends before the contents do.
    case truncated
    /// The compressed data are damaged.
    case damaged
  }

  // SAFETY: the stream keeps the address of itself and of the input; both are allocated here, never move, and are
  // freed after `inflateEnd`.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableBufferPointer<UInt8>
  private let isCompressed: Bool
  private var position = 0
  private var hasEnded = false

  init(_ bytes: [UInt8]) {
    input = .allocate(capacity: bytes.count)
    _ = input.initialize(from: bytes)
    isCompressed = bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    if isCompressed {
      // 16 + 15: gzip's frame, the largest window. Only a lack of memory can make this fail; reading then fails.
      inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      stream.pointee.next_in = input.baseAddress
      stream.pointee.avail_in = UInt32(clamping: bytes.count)
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
      guard count <= input.count - position else { throw .truncated }
      defer { position += count }
      return Array(input[position..<(position + count)])
    }
    var bytes: [UInt8] = []
    // Grown as the contents appear, so that a file cannot ask for more memory than it has contents.
    while bytes.count < count {
      let wanted = Swift.min(count - bytes.count, 1 << 20)
      var chunk = [UInt8](repeating: 0, count: wanted)
      let got = try chunk.withUnsafeMutableBufferPointer { (target) throws(Failure) in
        try inflate(into: target)
      }
      guard got > 0 else { throw .truncated }
      bytes += chunk[..<got]
    }
    return bytes
  }

  /// Whether the contents end here. Reads a compressed file's check sum, too.
  func isAtEnd() throws(Failure) -> Bool {
    guard isCompressed else { return position == input.count }
    var byte: [UInt8] = [0]
    let got = try byte.withUnsafeMutableBufferPointer { (target) throws(Failure) in try inflate(into: target)
    }
    return got == 0 && hasEnded
  }

  private func inflate(into target: UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int {
    stream.pointee.next_out = target.baseAddress
    stream.pointee.avail_out = UInt32(target.count)
    while stream.pointee.avail_out > 0, !hasEnded {
      switch CZlib.inflate(stream, Z_NO_FLUSH) {
      case Z_OK: continue
      case Z_STREAM_END: hasEnded = true
      case Z_BUF_ERROR: throw .truncated
      default: throw .damaged
      }
    }
    return target.count - Int(stream.pointee.avail_out)
  }
}
