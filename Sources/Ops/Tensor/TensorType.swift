/// What is known of a tensor before it has a value: its element type and its shape.
public struct TensorType: Hashable, Sendable {
  /// The element type.
  public var dtype: DType

  /// The lengths of the axes.
  public var shape: Shape

  /// A type from its parts.
  public init(_ dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }

  /// The bytes of a contiguous tensor of this type.
  public var byteCount: Int { shape.elementCount * dtype.byteCount }

  /// The number of elements.
  public var elementCount: Int { shape.elementCount }

  /// The number of axes.
  public var rank: Int { shape.rank }
}

extension TensorType: CustomStringConvertible {
  /// `f32[128, 784]`.
  public var description: String { "\(dtype)\(shape)" }
}
