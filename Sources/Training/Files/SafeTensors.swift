public import TributaryOps

/// Named tensors and text in the safetensors format: an 8-byte little-endian header length, a JSON header, then raw
/// little-endian tensors.
///
/// Reading checks the whole header before it touches the data, so that no file, however malformed, leads outside
/// its bytes. Element types are those of ``/TributaryOps/DType``: F32, F64, I32, I64 and BOOL; F16, BF16, I8, I16, U8,
/// U16, U32 and U64 are widened when asked for (``ForeignTypes``); others, of 8 bits and less, are refused.
/// Format: <https://huggingface.co/docs/safetensors>.
public struct SafeTensors: Sendable {
  /// One named tensor.
  public struct Entry: Sendable {
    /// The name, unique within a file.
    public let name: String

    /// The elements.
    public let tensor: Tensor
  }

  /// The tensors, in the order in which they were added or in which the header names them.
  public private(set) var entries: [Entry] = []

  /// Text that goes with the tensors.
  public var metadata: [String: String] = [:]

  private var indices: [String: Int] = [:]

  /// Nothing yet.
  public init() {}

  /// The tensor of a name; nil when there is none.
  public subscript(name: String) -> Tensor? { indices[name].map { entries[$0].tensor } }

  /// The names, in order.
  public var names: [String] { entries.map(\.name) }

  /// Adds a tensor.
  /// - Throws: `SafeTensorsError.duplicateName` when the name is taken, `.entry` when it is `__metadata__`.
  public mutating func add(_ name: String, _ tensor: Tensor) throws(SafeTensorsError) {
    guard name != "__metadata__" else {
      throw SafeTensorsError(.entry, message: "a tensor cannot be called __metadata__")
    }
    guard indices[name] == nil else {
      throw SafeTensorsError(.duplicateName, message: "there is already a tensor \"\(name)\"")
    }
    indices[name] = entries.count
    entries.append(Entry(name: name, tensor: tensor))
  }

  /// The tensor of a name.
  /// - Throws: `SafeTensorsError.missing` listing what there is instead, or the type found.
  public func tensor(_ name: String, type: TensorType? = nil) throws(SafeTensorsError) -> Tensor {
    guard let tensor = self[name] else {
      let some = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
      throw SafeTensorsError(.missing, message: "there is no tensor \"\(name)\"; there are: \(some)")
    }
    if let type, tensor.type != type {
      throw SafeTensorsError(.missing, message: "tensor \"\(name)\" is \(tensor.type); \(type) is needed")
    }
    return tensor
  }
}
