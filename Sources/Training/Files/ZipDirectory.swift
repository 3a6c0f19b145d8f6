/// The checked directory of a ZIP archive (PKWARE's APPNOTE 6.3): every member lies within the file, before the
/// directory, and no two share a byte.
struct ZipDirectory {
  /// One file of the archive.
  struct Member {
    var name: String
    /// Whether it is compressed by DEFLATE; else it is stored as it is.
    var isDeflated: Bool
    var checkSum: UInt32
    /// The number of bytes of the contents.
    var byteCount: Int
    /// Where the data lie in the file.
    var data: Range<Int>
    /// Where the member's own header begins.
    var headerOffset: Int
  }

  /// The members in the order of the directory.
  private(set) var members: [Member] = []

  private let source: ByteSource

  /// Reads the directory of an archive.
  /// - Throws: `ArrayFileError` with the byte at which it is wrong.
  init(_ source: ByteSource) throws(ArrayFileError) {
    self.source = source
    let end = try ZipDirectory.end(source)
    let bytes = try ZipDirectory.bytes(source, end.directory)
    var reader = LittleEndianReader(bytes)
    while reader.position < bytes.count {
      let offset = end.directory.lowerBound + reader.position
      guard let entry = Entry(&reader) else {
        throw wrong(offset, "its directory has a malformed entry")
      }
      members.append(try member(entry, at: offset, directory: end.directory.lowerBound))
    }
    guard members.count == end.count else {
      throw wrong(
        end.directory.lowerBound, "its directory has \(members.count) entries and its end says \(end.count)")
    }
    try checkNames(end.directory.lowerBound)
    try checkOverlaps()
  }

  /// The contents of a member.
  /// - Throws: `ArrayFileError` when the data are damaged, hold another number of bytes than was said or have another
  ///   check sum.
  func contents(of member: Member) throws(ArrayFileError) -> [UInt8] {
    func failed(_ code: ArrayFileError.Code, _ message: String) -> ArrayFileError {
      ArrayFileError(code, member: member.name, offset: member.data.lowerBound, message: message)
    }
    var contents = try ZipDirectory.bytes(source, member.data)
    if member.isDeflated {
      do throws(Deflate.Failure) {
        contents = try Deflate.inflated(contents, byteCount: member.byteCount)
      } catch .size(let found) {
        let count = found > member.byteCount ? "more" : "\(found)"
        throw failed(.size, "is said to hold \(member.byteCount) bytes and holds \(count)")
      } catch {
        throw failed(.damaged, "its compressed data are damaged; fetch the file again")
      }
    }
    let sum = Deflate.checkSum(contents)
    guard sum == member.checkSum else {
      throw failed(
        .damaged,
        "its contents have the check sum \(String(sum, radix: 16)) and should have \(String(member.checkSum, radix: 16)); "
          + "fetch the file again")
    }
    return contents
  }

  /// A member from its directory entry and its own header.
  private func member(_ entry: Entry, at offset: Int, directory: Int) throws(ArrayFileError) -> Member {
    guard let name = String(validating: entry.name, as: UTF8.self) else {
      throw wrong(offset, "a member's name is not valid UTF-8")
    }
    func failed(_ code: ArrayFileError.Code, at place: Int = offset, _ message: String) -> ArrayFileError {
      ArrayFileError(code, member: name, offset: place, message: message)
    }
    guard entry.flags & 0x2041 == 0 else { throw failed(.compression, "is encrypted, which is not read") }
    guard entry.method == 0 || entry.method == 8 else {
      throw failed(
        .compression,
        "is compressed by method \(entry.method); stored members and DEFLATE, methods 0 and 8, are read")
    }
    guard let start = Int(exactly: entry.headerOffset), let length = Int(exactly: entry.dataByteCount),
      let byteCount = Int(exactly: entry.byteCount), start <= directory - 30, length <= directory - start - 30
    else {
      throw failed(
        .directory, "lies outside the file's data: \(entry.dataByteCount) bytes at \(entry.headerOffset)")
    }
    var header = LittleEndianReader(try ZipDirectory.bytes(source, start..<start + 30))
    guard header.uint32() == 0x0403_4B50, header.skip(22), let nameLength = header.uint16(),
      let extraLength = header.uint16()
    else { throw failed(.directory, at: start, "has no header of its own where the directory says") }
    let data = start + 30 + Int(nameLength) + Int(extraLength)
    guard data <= directory, length <= directory - data else {
      throw failed(.directory, at: start, "reaches into the archive's directory")
    }
    guard try ZipDirectory.bytes(source, start + 30..<start + 30 + Int(nameLength)) == entry.name else {
      throw failed(.directory, at: start + 30, "has another name in its own header")
    }
    let isDeflated = entry.method == 8
    guard isDeflated ? byteCount / Deflate.largestRatio <= length : byteCount == length else {
      throw failed(.size, "is said to hold \(byteCount) bytes, which \(length) bytes of data cannot be")
    }
    return Member(
      name: name, isDeflated: isDeflated, checkSum: entry.checkSum, byteCount: byteCount,
      data: data..<data + length, headerOffset: start)
  }

  private func checkNames(_ offset: Int) throws(ArrayFileError) {
    var seen: Set<String> = []
    for member in members where !seen.insert(member.name).inserted {
      throw ArrayFileError(
        .duplicateName, member: member.name, offset: member.headerOffset,
        message: "there are two of this name")
    }
  }

  private func checkOverlaps() throws(ArrayFileError) {
    let ordered = members.sorted { $0.headerOffset < $1.headerOffset }
    for (member, next) in zip(ordered, ordered.dropFirst()) where next.headerOffset < member.data.upperBound {
      throw ArrayFileError(
        .directory, member: next.name, offset: next.headerOffset,
        message: "begins within the member \"\(member.name)\"")
    }
  }

  private func wrong(_ offset: Int, _ message: String) -> ArrayFileError {
    ArrayFileError(.directory, offset: offset, message: message)
  }

  private static func bytes(_ source: ByteSource, _ range: Range<Int>) throws(ArrayFileError) -> [UInt8] {
    do throws(FileError) {
      return try source.bytes(range)
    } catch {
      throw ArrayFileError(.file, message: error.message)
    }
  }

  /// Where the directory lies and how many entries it has, from the record at the end of the file.
  private static func end(
    _ source: ByteSource
  ) throws(ArrayFileError) -> (directory: Range<Int>, count: Int) {
    // The record has 22 bytes and a comment of at most 65,535 after it.
    let tail = try bytes(source, Swift.max(source.byteCount - 22 - 65_535, 0)..<source.byteCount)
    let signature: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    for start in stride(from: tail.count - 22, through: 0, by: -1)
    where tail[start] == 0x50 && tail[start..<start + 4].elementsEqual(signature) {
      var reader = LittleEndianReader(Array(tail[start...]))
      guard reader.skip(8), reader.skip(2), let count = reader.uint16(), let length = reader.uint32(),
        let offset = reader.uint32(), let comment = reader.uint16(), start + 22 + Int(comment) == tail.count
      else { continue }
      let place = source.byteCount - tail.count + start
      let wide = try wideEnd(source, before: place)
      let record =
        wide ?? (count: UInt64(count), length: UInt64(length), offset: UInt64(offset), place: place)
      guard let first = Int(exactly: record.offset), let size = Int(exactly: record.length),
        let entries = Int(exactly: record.count), first <= record.place, size == record.place - first
      else {
        throw ArrayFileError(
          .directory, offset: place,
          message:
            "its directory of \(record.length) bytes at \(record.offset) does not end where the end record begins"
        )
      }
      return (first..<first + size, entries)
    }
    let begin = try bytes(source, 0..<Swift.min(4, source.byteCount))
    guard begin == [0x50, 0x4B, 0x03, 0x04] else {
      throw ArrayFileError(.foreign, offset: 0, message: "is not a ZIP archive")
    }
    throw ArrayFileError(
      .truncated, offset: source.byteCount,
      message: "ends after \(source.byteCount) bytes without an archive's directory; fetch it again")
  }

  /// The end record of an archive with 64-bit sizes, which a locator before the plain record points at; nil when there
  /// is no locator.
  private static func wideEnd(
    _ source: ByteSource, before place: Int
  ) throws(ArrayFileError) -> (count: UInt64, length: UInt64, offset: UInt64, place: Int)? {
    guard place >= 20 else { return nil }
    var locator = LittleEndianReader(try bytes(source, place - 20..<place))
    guard locator.uint32() == 0x0706_4B50, locator.skip(4), let offset = locator.uint64() else { return nil }
    func failed() -> ArrayFileError {
      ArrayFileError(
        .directory, offset: place - 20, message: "its 64-bit end record is not at byte \(offset)")
    }
    guard let start = Int(exactly: offset), place >= 76, start <= place - 76 else { throw failed() }
    var reader = LittleEndianReader(try bytes(source, start..<start + 56))
    guard reader.uint32() == 0x0606_4B50, reader.skip(28), let count = reader.uint64(),
      let length = reader.uint64(), let first = reader.uint64()
    else { throw failed() }
    return (count, length, first, start)
  }
}

/// An entry of the directory as it stands there, its 64-bit fields taken from the extra field where they are.
private struct Entry {
  var flags: UInt16
  var method: UInt16
  var checkSum: UInt32
  var dataByteCount: UInt64
  var byteCount: UInt64
  var headerOffset: UInt64
  var name: [UInt8]

  /// Reads an entry; nil when it is malformed or runs over the end.
  init?(_ reader: inout LittleEndianReader) {
    guard reader.uint32() == 0x0201_4B50, reader.skip(4), let flags = reader.uint16(),
      let method = reader.uint16(), reader.skip(4), let checkSum = reader.uint32(),
      let dataByteCount = reader.uint32(), let byteCount = reader.uint32(), let nameLength = reader.uint16(),
      let extraLength = reader.uint16(), let commentLength = reader.uint16(), reader.skip(8),
      let headerOffset = reader.uint32(), let name = reader.bytes(Int(nameLength)),
      let extra = reader.bytes(Int(extraLength)), reader.skip(Int(commentLength))
    else { return nil }
    (self.flags, self.method, self.checkSum, self.name) = (flags, method, checkSum, name)
    self.dataByteCount = UInt64(dataByteCount)
    self.byteCount = UInt64(byteCount)
    self.headerOffset = UInt64(headerOffset)
    guard byteCount == .max || dataByteCount == .max || headerOffset == .max else { return }
    var fields = LittleEndianReader(extra)
    while let kind = fields.uint16(), let length = fields.uint16(), let body = fields.bytes(Int(length)) {
      guard kind == 1 else { continue }
      var wide = LittleEndianReader(body)
      if byteCount == .max { guard let value = wide.uint64() else { return nil }; self.byteCount = value }
      if dataByteCount == .max {
        guard let value = wide.uint64() else { return nil }; self.dataByteCount = value
      }
      if headerOffset == .max {
        guard let value = wide.uint64() else { return nil }; self.headerOffset = value
      }
      return
    }
  }
}
