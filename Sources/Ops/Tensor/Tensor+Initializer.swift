extension Tensor {
  /// The first value of a parameter or state, drawn by element: the bits depend on the initializer, the type, the seed
  /// and the stream alone.
  ///
  /// Numbers are drawn in double and rounded once. Integer types take whole constants and values only.
  /// - Throws: `ShapeError` when the shape is impossible, or the initializer does not suit the type.
  public init(initial: Initializer, type: TensorType, seed: UInt64, stream: UInt64) throws(ShapeError) {
    try type.shape.validate()
    let storage = TensorStorage(byteCount: type.byteCount, zeroed: false)
    try initial.write(type, seed: seed, stream: stream, to: storage.baseAddress)
    try self.init(storage: storage, type: type)
  }
}

extension Initializer {
  /// How many elements are drawn at a time: even, since two normal numbers are drawn at once.
  private static let block = 4096

  /// Writes the first value of a parameter or state to where it is to be, by blocks: nothing of its size is allocated.
  /// - Parameters:
  ///   - type: What the bytes hold; its shape is possible.
  ///   - target: `type.byteCount` bytes, which are undefined if this throws.
  /// - Throws: `ShapeError` when the initializer does not suit the type.
  package func write(
    _ type: TensorType, seed: UInt64, stream: UInt64, to target: UnsafeMutableRawPointer
  ) throws(ShapeError) {
    let count = type.elementCount
    if case .values(let given) = self, given.count != count {
      throw ShapeError(
        .dimension,
        "\(given.count) elements were given for shape \(type.shape), which has \(count)")
    }
    let generator = Philox4x32(seed: seed)
    let fans = type.shape.fans
    for first in stride(from: 0, to: count, by: Initializer.block) {
      let length = Swift.min(Initializer.block, count - first)
      func normal(_ deviation: Double) -> [Double] {
        generator.normal(stream: stream, from: first, count: length).map { $0 * deviation }
      }
      func uniform(_ limit: Double) -> [Double] {
        generator.uniform(stream: stream, from: first, count: length).map { (2 * $0 - 1) * limit }
      }
      let values: [Double]
      switch self {
      case .constant(let value): values = Array(repeating: value, count: length)
      case .values(let given): values = Array(given[first..<first + length])
      case .normal(let deviation): values = normal(deviation)
      case .heNormal: values = normal((2 / Double(fans.input)).squareRoot())
      case .uniform(let limit): values = uniform(limit)
      case .glorotUniform: values = uniform((6 / Double(fans.input + fans.output)).squareRoot())
      }
      try Initializer.store(values, of: type, to: target + first * type.dtype.byteCount)
    }
  }

  private static func store(
    _ values: [Double], of type: TensorType, to target: UnsafeMutableRawPointer
  ) throws(ShapeError) {
    switch type.dtype {
    case .float32: put(values, Float.self, target) { Float($0) }
    case .float64: put(values, Double.self, target) { $0 }
    case .int32:
      try checkWhole(values, Int32.self, type)
      put(values, Int32.self, target) { Int32($0) }
    case .int64:
      try checkWhole(values, Int64.self, type)
      put(values, Int64.self, target) { Int64($0) }
    case .bool: put(values, Bool.self, target) { $0 != 0 }
    }
  }

  private static func put<Element>(
    _ values: [Double], _ element: Element.Type, _ target: UnsafeMutableRawPointer,
    _ round: (Double) -> Element
  ) {
    let elements = target.bindMemory(to: element, capacity: values.count)
    for (index, value) in values.enumerated() { elements[index] = round(value) }
  }

  private static func checkWhole<Element: FixedWidthInteger>(
    _ values: [Double], _ element: Element.Type, _ type: TensorType
  ) throws(ShapeError) {
    for value in values where Element(exactly: value) == nil {
      throw ShapeError(
        .attribute, "\(value) is not a number of \(type); initialize it with whole numbers in range")
    }
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
