/// Reads numbers from bytes one after the other, the lowest byte first; nil once the bytes have run out.
struct LittleEndianReader {
  private let source: [UInt8]

  /// The next byte.
  private(set) var position = 0

  init(_ source: [UInt8]) { self.source = source }

  mutating func bytes(_ count: Int) -> [UInt8]? {
    guard count <= source.count - position else { return nil }
    defer { position += count }
    return Array(source[position..<position + count])
  }

  mutating func skip(_ count: Int) -> Bool {
    guard count <= source.count - position else { return false }
    position += count
    return true
  }

  mutating func uint16() -> UInt16? { number() }

  mutating func uint32() -> UInt32? { number() }

  mutating func uint64() -> UInt64? { number() }

  private mutating func number<Number: FixedWidthInteger>() -> Number? {
    let count = MemoryLayout<Number>.size
    guard count <= source.count - position else { return nil }
    defer { position += count }
    return source[position..<position + count].reversed().reduce(0) {
      $0 << 8 | Number(truncatingIfNeeded: $1)
    }
  }
}
