internal import CZlib

/// Data compressed by DEFLATE (RFC 1951) without a frame, as they are in ZIP archives, and ZIP's check sum.
enum Deflate {
  /// Why data cannot be inflated.
  enum Failure: Error {
    /// They are damaged, or do not end where they should.
    case damaged
    /// They hold another number of bytes than was said: this many, or more than were said.
    case size(Int)
  }

  /// No byte of compressed data becomes more than so many.
  static let largestRatio = 1032

  /// The contents, of exactly `byteCount` bytes.
  static func inflated(_ data: [UInt8], byteCount: Int) throws(Failure) -> [UInt8] {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    defer { stream.deallocate() }
    stream.initialize(to: z_stream())
    // 15: the largest window; negative: no frame. Only a lack of memory can make this fail.
    guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw .damaged
    }
    defer { inflateEnd(stream) }
    var failure: Failure?
    // Room for one byte more shows whether there are more.
    let contents = [UInt8](unsafeUninitializedCapacity: byteCount + 1) { target, count in
      let room = UnsafeMutableBufferPointer(rebasing: target[...byteCount])
      let (status, taken) = run(stream, data, into: room, &count) { stream, _ in inflate(stream, Z_NO_FLUSH) }
      if count > byteCount || status == Z_STREAM_END && count < byteCount {
        failure = .size(count)
      } else if status != Z_STREAM_END || taken != data.count {
        failure = .damaged
      }
    }
    if let failure { throw failure }
    return contents
  }

  /// The data compressed.
  static func deflated(_ contents: [UInt8]) -> [UInt8] {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    defer { stream.deallocate() }
    stream.initialize(to: z_stream())
    let begun = deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(begun == Z_OK, "no memory to compress with")
    defer { deflateEnd(stream) }
    let bound = Int(deflateBound(stream, UInt(contents.count)))
    return [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      let (status, _) = run(stream, contents, into: target, &count) { stream, isLast in
        deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
      }
      precondition(status == Z_STREAM_END, "deflate takes more room than its own bound")
    }
  }

  /// ZIP's check sum (CRC-32).
  static func checkSum(_ contents: [UInt8]) -> UInt32 {
    contents.withUnsafeBufferPointer { contents in
      var sum: UInt = 0
      for start in stride(from: 0, to: contents.count, by: 1 << 30) {
        let count = Swift.min(contents.count - start, 1 << 30)
        sum = crc32(sum, contents.baseAddress! + start, UInt32(count))
      }
      return UInt32(sum)
    }
  }

  /// Calls a step of zlib, in pieces that fit its 32-bit counts, until it ends or has no more room or data.
  private static func run(
    _ stream: UnsafeMutablePointer<z_stream>, _ data: [UInt8],
    into target: UnsafeMutableBufferPointer<UInt8>, _ filled: inout Int,
    _ step: (_ stream: UnsafeMutablePointer<z_stream>, _ isLast: Bool) -> Int32
  ) -> (status: Int32, taken: Int) {
    data.withUnsafeBufferPointer { data in
      var taken = 0
      filled = 0
      while true {
        let piece = Swift.min(data.count - taken, 1 << 30)
        let room = Swift.min(target.count - filled, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: data.baseAddress.map { $0 + taken })
        stream.pointee.avail_in = UInt32(piece)
        stream.pointee.next_out = target.baseAddress.map { $0 + filled }
        stream.pointee.avail_out = UInt32(room)
        let status = step(stream, taken + piece == data.count)
        let read = piece - Int(stream.pointee.avail_in)
        let written = room - Int(stream.pointee.avail_out)
        taken += read
        filled += written
        if status != Z_OK || filled == target.count || read == 0 && written == 0 { return (status, taken) }
      }
    }
  }
}
