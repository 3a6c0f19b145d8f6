extension Tensor {
  /// The first value of a parameter or state, drawn by element: the bits depend on the initializer, the type, the seed
  /// and the stream alone.
  ///
  /// Numbers are drawn in double and rounded once. Integer types take whole constants and values only.
  /// - Throws: `ShapeError` when the shape is impossible, or the initializer does not suit the type.
  public init(initial: Initializer, type: TensorType, seed: UInt64, stream: UInt64) throws(ShapeError) {
    try type.shape.validate()
    let count = type.elementCount
    let generator = Philox4x32(seed: seed)
    let values: [Double]
    switch initial {
    case .constant(let value):
      values = Array(repeating: value, count: count)
    case .values(let given):
      values = given
    case .normal(let deviation):
      values = generator.normal(stream: stream, count: count).map { $0 * deviation }
    case .heNormal:
      let deviation = (2 / Double(type.shape.fans.input)).squareRoot()
      values = generator.normal(stream: stream, count: count).map { $0 * deviation }
    case .uniform(let limit):
      values = generator.uniform(stream: stream, count: count).map { (2 * $0 - 1) * limit }
    case .glorotUniform:
      let limit = (6 / Double(type.shape.fans.input + type.shape.fans.output)).squareRoot()
      values = generator.uniform(stream: stream, count: count).map { (2 * $0 - 1) * limit }
    }
    try self.init(rounding: values, to: type)
  }

  private init(rounding values: [Double], to type: TensorType) throws(ShapeError) {
    switch type.dtype {
    case .float32: try self.init(values.map { Float($0) }, shape: type.shape)
    case .float64: try self.init(values, shape: type.shape)
    case .int32: try self.init(Self.whole(values, as: Int32.self, type), shape: type.shape)
    case .int64: try self.init(Self.whole(values, as: Int64.self, type), shape: type.shape)
    case .bool: try self.init(values.map { $0 != 0 }, shape: type.shape)
    }
  }

  private static func whole<Element: FixedWidthInteger>(
    _ values: [Double], as element: Element.Type, _ type: TensorType
  ) throws(ShapeError) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(values.count)
    for value in values {
      guard let number = Element(exactly: value) else {
        throw ShapeError(
          .attribute, "\(value) is not a number of \(type); initialize it with whole numbers in range")
      }
      result.append(number)
    }
    return result
  }
}

extension Shape {
  /// How many numbers an output sums, and how many outputs an input reaches: for a dense weight [in, out] its lengths,
  /// for a convolution's [out, in, …] the lengths times the number of places of the kernel. At least 1 each.
  var fans: (input: Int, output: Int) {
    switch rank {
    case 0: return (1, 1)
    case 1: return (Swift.max(self[0], 1), Swift.max(self[0], 1))
    case 2: return (Swift.max(self[0], 1), Swift.max(self[1], 1))
    default:
      let places = dropFirst(2).reduce(1, *)
      return (Swift.max(self[1] * places, 1), Swift.max(self[0] * places, 1))
    }
  }
}
