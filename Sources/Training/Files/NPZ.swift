public import TributaryOps

/// Named arrays in NumPy's NPZ format: a ZIP archive of NPY files, stored as they are or deflated.
///
/// Reading checks the archive's directory, that members do not overlap, and every check sum; element types are as in
/// ``NPY``. Members that are no NPY file are an error.
public struct NPZ: Sendable {
  /// One named array.
  public struct Entry: Sendable {
    /// The name, unique within a file, without `.npy`.
    public let name: String

    /// The elements.
    public let tensor: Tensor
  }

  /// How arrays are kept in a file.
  public enum Compression: Sendable, Hashable, CaseIterable {
    /// As they are.
    case stored
    /// Compressed by DEFLATE.
    case deflated
  }

  /// The arrays, in the order in which they were added or in which the directory names them.
  public private(set) var entries: [Entry] = []

  private var indices: [String: Int] = [:]

  /// Nothing yet.
  public init() {}

  /// The array of a name; nil when there is none.
  public subscript(name: String) -> Tensor? { indices[name].map { entries[$0].tensor } }

  /// The names, in order.
  public var names: [String] { entries.map(\.name) }

  /// Adds an array.
  /// - Throws: `ArrayFileError.duplicateName` when the name is taken, `.directory` when it is longer than 60,000 bytes.
  public mutating func add(_ name: String, _ tensor: Tensor) throws(ArrayFileError) {
    guard name.utf8.count <= 60_000 else {
      throw ArrayFileError(
        .directory, message: "a name of \(name.utf8.count) bytes is too long for an archive")
    }
    guard indices[name] == nil else {
      throw ArrayFileError(.duplicateName, message: "there is already an array \"\(name)\"")
    }
    indices[name] = entries.count
    entries.append(Entry(name: name, tensor: tensor))
  }

  /// The array of a name.
  /// - Throws: `ArrayFileError.missing` listing what there is instead, or the type found.
  public func tensor(_ name: String, type: TensorType? = nil) throws(ArrayFileError) -> Tensor {
    guard let tensor = self[name] else {
      let some = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
      throw ArrayFileError(.missing, message: "there is no array \"\(name)\"; there are: \(some)")
    }
    if let type, tensor.type != type {
      throw ArrayFileError(.missing, message: "array \"\(name)\" is \(tensor.type); \(type) is needed")
    }
    return tensor
  }
}

extension NPZ {
  /// The most bytes that the deflated members of a file may hold together unless told otherwise: 16 GiB.
  public static let defaultInflatedLimit = 1 << 34

  /// Reads a file.
  /// - Parameters:
  ///   - path: The file.
  ///   - foreignTypes: What is done with element types that there are no tensors of.
  ///   - inflatedLimit: The most bytes that deflated members may hold together; a small file can claim a thousand times
  ///     its size.
  /// - Throws: `ArrayFileError` naming the path and the byte at which the file is wrong.
  public init(
    contentsOf path: String, foreignTypes: ForeignTypes = .refused,
    inflatedLimit: Int = NPZ.defaultInflatedLimit
  ) throws(ArrayFileError) {
    let source: ByteSource
    do throws(FileError) {
      source = try ByteSource(path: path)
    } catch {
      throw ArrayFileError(.file, path: path, message: error.message)
    }
    do throws(ArrayFileError) {
      try self.init(source, foreignTypes, inflatedLimit)
    } catch {
      throw ArrayFileError(
        error.code, path: path, member: error.member, offset: error.offset, message: error.message)
    }
  }

  /// Reads the bytes of a file.
  /// - Parameters:
  ///   - bytes: The file's bytes.
  ///   - foreignTypes: What is done with element types that there are no tensors of.
  ///   - inflatedLimit: The most bytes that deflated members may hold together.
  /// - Throws: `ArrayFileError` naming the byte at which they are wrong.
  public init(
    bytes: [UInt8], foreignTypes: ForeignTypes = .refused, inflatedLimit: Int = NPZ.defaultInflatedLimit
  ) throws(ArrayFileError) {
    try self.init(ByteSource(bytes), foreignTypes, inflatedLimit)
  }

  private init(
    _ source: ByteSource, _ foreignTypes: ForeignTypes, _ inflatedLimit: Int
  ) throws(ArrayFileError) {
    self.init()
    let directory = try ZipDirectory(source)
    var inflated = 0
    for member in directory.members {
      guard member.name.hasSuffix(".npy") else {
        throw ArrayFileError(
          .foreign, member: member.name, offset: member.headerOffset,
          message: "is no array: its name does not end in .npy")
      }
      if member.isDeflated {
        guard member.byteCount <= inflatedLimit - inflated else {
          throw ArrayFileError(
            .size, member: member.name, offset: member.headerOffset,
            message:
              "holds \(member.byteCount) bytes, with which the deflated members exceed \(inflatedLimit); raise "
              + "inflatedLimit if the file can be trusted")
        }
        inflated += member.byteCount
      }
      let tensor: Tensor
      let contents = try directory.contents(of: member)
      do throws(ArrayFileError) {
        tensor = try NPY.tensor(bytes: contents, foreignTypes: foreignTypes)
      } catch {
        // Places in stored data are places in the file.
        let inner = error.offset ?? 0
        let place = member.isDeflated ? " (byte \(inner) of its contents)" : ""
        throw ArrayFileError(
          error.code, member: member.name,
          offset: member.data.lowerBound + (member.isDeflated ? 0 : inner), message: error.message + place)
      }
      try add(String(member.name.dropLast(4)), tensor)
    }
  }

  /// The bytes of a file that holds these arrays.
  public func encoded(_ compression: Compression = .stored) -> [UInt8] {
    var bytes: [UInt8] = []
    var writer = ZipWriter()
    for entry in entries {
      let (header, data) = writer.member(
        "\(entry.name).npy", NPY.encoded(entry.tensor), isDeflated: compression == .deflated)
      bytes += header
      bytes += data
    }
    return bytes + writer.end()
  }

  /// Writes a file: beside the path first, then renamed, so that the path never holds half of it.
  /// - Throws: `ArrayFileError.file` with the system's reason; an old file is then untouched.
  public func write(to path: String, _ compression: Compression = .stored) throws(ArrayFileError) {
    do throws(FileError) {
      let file = try OutputFile(replacing: path)
      var writer = ZipWriter()
      func append(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
          try file.write(UnsafeRawBufferPointer(bytes))
        }
      }
      for entry in entries {
        let (header, data) = writer.member(
          "\(entry.name).npy", NPY.encoded(entry.tensor), isDeflated: compression == .deflated)
        try append(header)
        try append(data)
      }
      try append(writer.end())
      try file.commit()
    } catch {
      throw ArrayFileError(.file, path: path, message: error.message)
    }
  }
}
