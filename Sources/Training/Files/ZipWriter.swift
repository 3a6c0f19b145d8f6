/// Writes a ZIP archive: members one after the other, then the directory. Sizes and places of 4 GiB and more get 64-bit
/// fields.
struct ZipWriter {
  /// Numbers from here on get 64-bit fields.
  private let limit: Int
  private var directory: [UInt8] = []
  private var count = 0
  private var offset = 0

  /// An empty archive.
  /// - Parameter limit: From where on sizes get 64-bit fields; less than 4 GiB in tests only.
  init(limit: Int = 0xFFFF_FFFF) { self.limit = limit }

  /// The bytes of a member, header and data; they follow those of the members before.
  mutating func member(_ name: String, _ contents: [UInt8], isDeflated: Bool) -> (
    header: [UInt8], data: [UInt8]
  ) {
    let data = isDeflated ? Deflate.deflated(contents) : contents
    let isWide = contents.count >= limit || data.count >= limit
    let isFar = offset >= limit
    let name = Array(name.utf8)
    // Version 2.0, or 4.5 with 64-bit fields; bit 11 says that the name is UTF-8; 1 January 1980.
    let version = little(UInt16(isWide || isFar ? 45 : 20))
    let common =
      little(UInt16(1 << 11)) + little(UInt16(isDeflated ? 8 : 0)) + little(UInt16(0)) + little(UInt16(0x21))
      + little(Deflate.checkSum(contents)) + little(UInt32(isWide ? UInt32.max : UInt32(data.count)))
      + little(isWide ? UInt32.max : UInt32(contents.count)) + little(UInt16(name.count))
    let sizes = isWide ? little(UInt64(contents.count)) + little(UInt64(data.count)) : []
    let place = isFar ? little(UInt64(offset)) : []
    func extra(_ fields: [UInt8]) -> [UInt8] {
      fields.isEmpty ? [] : little(UInt16(1)) + little(UInt16(fields.count)) + fields
    }
    let (local, central) = (extra(sizes), extra(sizes + place))
    let header =
      little(UInt32(0x0403_4B50)) + version + common + little(UInt16(local.count)) + name + local
    directory += little(UInt32(0x0201_4B50)) + version + version + common + little(UInt16(central.count))
    // No comment, disk 0, no attributes.
    directory += [UInt8](repeating: 0, count: 10)
    directory += little(isFar ? UInt32.max : UInt32(offset)) + name + central
    count += 1
    offset += header.count + data.count
    return (header, data)
  }

  /// The bytes after the last member.
  func end() -> [UInt8] {
    var bytes = directory
    if count >= Swift.min(limit, 0xFFFF) || offset >= limit || directory.count >= limit {
      let size =
        little(UInt64(44)) + little(UInt16(45)) + little(UInt16(45)) + [UInt8](repeating: 0, count: 8)
      bytes += little(UInt32(0x0606_4B50)) + size + little(UInt64(count)) + little(UInt64(count))
      bytes += little(UInt64(directory.count)) + little(UInt64(offset))
      bytes += little(UInt32(0x0706_4B50)) + little(UInt32(0)) + little(UInt64(offset + directory.count))
      bytes += little(UInt32(1))
    }
    let entries = little(UInt16(Swift.min(count, 0xFFFF)))
    bytes += little(UInt32(0x0605_4B50)) + little(UInt32(0)) + entries + entries
    bytes += little(UInt32(Swift.min(directory.count, 0xFFFF_FFFF)))
    return bytes + little(UInt32(Swift.min(offset, 0xFFFF_FFFF))) + little(UInt16(0))
  }
}

private func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}
