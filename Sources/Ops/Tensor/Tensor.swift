#if canImport(Glibc)
  internal import Glibc
#endif

/// A contiguous, row-major, 64-byte aligned block of numbers with a shape. A value: copies share bytes until one of
/// them is changed.
public struct Tensor: Sendable {
  /// The element type and shape.
  public let type: TensorType

  /// The bytes.
  public private(set) var storage: TensorStorage

  /// The element type.
  public var dtype: DType { type.dtype }

  /// The lengths of the axes.
  public var shape: Shape { type.shape }

  /// The number of elements.
  public var elementCount: Int { type.elementCount }

  /// A tensor of zeros.
  /// - Throws: `ShapeError` when the shape is impossible.
  public init(zeros type: TensorType) throws(ShapeError) {
    try type.shape.validate()
    self.type = type
    storage = TensorStorage(byteCount: type.byteCount)
  }

  /// A tensor of given elements in row-major order.
  /// - Throws: `ShapeError` when the shape is impossible or does not have as many elements.
  public init<Element: TensorElement>(_ elements: [Element], shape: Shape) throws(ShapeError) {
    try shape.validate()
    guard elements.count == shape.elementCount else {
      throw ShapeError(
        .dimension,
        "\(elements.count) elements were given for shape \(shape), which has \(shape.elementCount)")
    }
    type = TensorType(Element.dtype, shape)
    storage = TensorStorage(byteCount: type.byteCount, zeroed: false)
    let bytes = type.byteCount
    let target = storage.baseAddress
    elements.withUnsafeBytes { source in
      if bytes > 0 { memcpy(target, source.baseAddress!, bytes) }
    }
  }

  /// A scalar.
  public init<Element: TensorElement>(_ value: Element) {
    type = TensorType(Element.dtype, .scalar)
    storage = TensorStorage(byteCount: type.byteCount, zeroed: false)
    storage.baseAddress.storeBytes(of: value, as: Element.self)
  }

  /// A tensor over bytes that the caller has filled and gives away.
  /// - Throws: `ShapeError` when the storage is too small for the type.
  public init(storage: TensorStorage, type: TensorType) throws(ShapeError) {
    try type.shape.validate()
    guard storage.byteCount >= type.byteCount else {
      throw ShapeError(
        .dimension, "\(storage.byteCount) bytes cannot hold \(type), which needs \(type.byteCount)")
    }
    self.type = type
    self.storage = storage
  }

  /// The elements, in row-major order.
  /// - Throws: `ShapeError` when the element type is another.
  public func elements<Element: TensorElement>(
    _ element: Element.Type = Element.self
  ) throws(ShapeError) -> [Element] {
    try expect(element)
    return withUnsafeBytes { bytes in Array(bytes.bindMemory(to: Element.self)) }
  }

  /// The only element of a tensor with one element.
  /// - Throws: `ShapeError` when there are more, or none, or the element type is another.
  public func scalar<Element: TensorElement>(
    _ element: Element.Type = Element.self
  ) throws(ShapeError) -> Element {
    try expect(element)
    guard elementCount == 1 else {
      throw ShapeError(.dimension, "\(type) has \(elementCount) elements; a scalar is read from exactly one")
    }
    return storage.baseAddress.load(as: Element.self)
  }

  /// Calls `body` with the bytes.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeRawBufferPointer(start: storage.baseAddress, count: type.byteCount))
  }

  /// Calls `body` with the bytes to change, copied first where they are shared.
  public mutating func withUnsafeMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if storage.isBorrowed || !isKnownUniquelyReferenced(&storage) {
      let copy = TensorStorage(byteCount: type.byteCount, zeroed: false)
      memcpy(copy.baseAddress, storage.baseAddress, type.byteCount)
      storage = copy
    }
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeMutableRawBufferPointer(start: storage.baseAddress, count: type.byteCount))
  }

  /// The same bytes under another shape.
  /// - Throws: `ShapeError` when the number of elements differs.
  public func reshaped(to shape: Shape) throws(ShapeError) -> Tensor {
    try shape.validate()
    guard shape.elementCount == elementCount else {
      throw ShapeError(.dimension, "\(type) cannot be reshaped to \(shape): the number of elements differs")
    }
    return try Tensor(storage: storage, type: TensorType(dtype, shape))
  }

  private func expect<Element: TensorElement>(_ element: Element.Type) throws(ShapeError) {
    guard dtype == Element.dtype else {
      throw ShapeError(.dtype, "\(type) holds \(dtype) elements and was read as \(Element.dtype)")
    }
  }
}
