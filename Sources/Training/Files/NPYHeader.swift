internal import TributaryOps

/// The header of an NPY array: `\x93NUMPY`, a version, a length, and a Python dictionary with the keys `descr`,
/// `fortran_order` and `shape`.
struct NPYHeader {
  /// The element type in the file.
  var stored: StoredType

  /// Whether elements have their highest byte first.
  var isBigEndian: Bool

  /// Whether the first axis varies fastest.
  var isColumnMajor: Bool

  /// The lengths of the axes.
  var shape: Shape

  /// The bytes of the header, with everything before the elements.
  var byteCount: Int

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The longest dictionary that is read; NumPy's own bound for files that are not trusted is 10,000.
  static let maximumByteCount = 1 << 20

  /// How many bytes the header has, from the first twelve of a file (or all of a shorter one).
  /// - Throws: `ArrayFileError` when they are no beginning of an NPY file of version 1, 2 or 3.
  static func byteCount(prefix: [UInt8]) throws(ArrayFileError) -> Int {
    let known = Swift.min(prefix.count, magic.count)
    guard prefix.prefix(known).elementsEqual(magic.prefix(known)) else {
      throw ArrayFileError(
        .foreign, offset: 0, message: "is not an NPY file: it does not begin with \\x93NUMPY")
    }
    guard prefix.count > magic.count + 1 else { throw truncated(prefix.count) }
    guard (1...3).contains(prefix[6]), prefix[7] == 0 else {
      throw ArrayFileError(
        .foreign, offset: 6,
        message: "has NPY version \(prefix[6]).\(prefix[7]); versions 1.0, 2.0 and 3.0 are read")
    }
    let fieldEnd = prefix[6] == 1 ? 10 : 12
    guard prefix.count >= fieldEnd else { throw truncated(prefix.count) }
    let length = prefix[8..<fieldEnd].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= maximumByteCount else {
      throw ArrayFileError(
        .header, offset: 8, message: "has a header of \(length) bytes, which is no array's")
    }
    return fieldEnd + length
  }

  private static func truncated(_ count: Int) -> ArrayFileError {
    ArrayFileError(.truncated, offset: count, message: "ends after \(count) bytes, within its header")
  }

  /// Reads a whole header.
  /// - Throws: `ArrayFileError` with the byte at which it is wrong.
  init(_ bytes: [UInt8], foreignTypes: ForeignTypes) throws(ArrayFileError) {
    let start = bytes[6] == 1 ? 10 : 12
    var parser = PythonLiteralParser(bytes: bytes, position: start)
    let members: [(name: String, value: PythonLiteral, offset: Int)]
    do throws(PythonLiteralParser.Failure) {
      members = try parser.dictionary()
    } catch {
      throw ArrayFileError(.header, offset: error.offset, message: "has a malformed header: \(error.message)")
    }
    func member(_ name: String) throws(ArrayFileError) -> (value: PythonLiteral, offset: Int) {
      let found = members.filter { $0.name == name }
      guard found.count == 1 else {
        throw ArrayFileError(
          .header, offset: start, message: "has a header with \(found.count) entries '\(name)'; one is needed"
        )
      }
      return (found[0].value, found[0].offset)
    }
    if let unknown = members.first(where: { !["descr", "fortran_order", "shape"].contains($0.name) }) {
      throw ArrayFileError(
        .header, offset: unknown.offset, message: "has a header with the unknown entry '\(unknown.name)'")
    }
    let (descriptor, descriptorOffset) = try member("descr")
    (stored, isBigEndian) = try NPYHeader.type(descriptor, descriptorOffset, foreignTypes)
    let (order, orderOffset) = try member("fortran_order")
    guard case .bool(let isColumnMajor) = order else {
      throw ArrayFileError(
        .header, offset: orderOffset, message: "has a fortran_order that is no truth value")
    }
    self.isColumnMajor = isColumnMajor
    let (lengths, shapeOffset) = try member("shape")
    guard case .integers(let dimensions) = lengths else {
      throw ArrayFileError(.header, offset: shapeOffset, message: "has a shape that is no tuple of lengths")
    }
    shape = Shape(dimensions)
    do throws(ShapeError) {
      try shape.validate()
    } catch {
      throw ArrayFileError(.header, offset: shapeOffset, message: "has an impossible shape: \(error.message)")
    }
    byteCount = bytes.count
  }

  private static func type(
    _ descriptor: PythonLiteral, _ offset: Int, _ foreignTypes: ForeignTypes
  ) throws(ArrayFileError) -> (StoredType, isBigEndian: Bool) {
    func refused(_ message: String) -> ArrayFileError {
      ArrayFileError(.dtype, offset: offset, message: message)
    }
    guard case .string(let text) = descriptor else {
      throw refused("holds records, of which there are no tensors; save each field by itself")
    }
    let order = text.first
    let stored = StoredType.allCases.first { type in
      type.numpyName.map { name in
        text.dropFirst() == name && (order == "<" || order == ">" || order == "|" && type.byteCount == 1)
      } ?? false
    }
    guard let stored else {
      throw refused(
        "has elements of NumPy type '\(text)', which is not supported; convert it to one of f8, f4, i8, i4 and bool"
      )
    }
    guard stored.equal != nil || foreignTypes == .widened else {
      throw refused(
        "there are no tensors of NumPy type '\(text)'; read it with foreignTypes: .widened, which makes \(stored.widened) "
          + "of it, or convert it to one of f8, f4, i8, i4 and bool")
    }
    return (stored, order == ">")
  }

  /// The header, version 1.0, of an array in row-major order, padded with blanks so that the elements begin at a
  /// multiple of 64 bytes.
  static func encoded(_ type: TensorType) -> [UInt8] {
    let stored = StoredType.allCases.first { $0.equal == type.dtype }
    let name = (type.dtype == .bool ? "|" : "<") + (stored?.numpyName ?? "")
    let lengths = type.shape.map { "\($0), " }.joined()
    // Python writes (), (3,) and (3, 4).
    let tuple = type.rank == 1 ? lengths.dropLast() : lengths.dropLast(2)
    var text = Array("{'descr': '\(name)', 'fortran_order': False, 'shape': (\(tuple)), }".utf8)
    while (10 + text.count + 1) % 64 != 0 { text.append(0x20) }
    text.append(0x0A)
    return magic + [1, 0, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
  }
}
