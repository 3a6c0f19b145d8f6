import TributaryAutodiff
import TributaryOps

/// Random arguments: sound ones of odd sizes, and any that a caller might give by mistake.
struct Draw {
  var numbers: Numbers

  /// About how many elements a sound operand has at most.
  let size: Int

  init(seed: Int, size: Int = 40) {
    numbers = Numbers(seed: seed)
    self.size = size
  }

  mutating func below(_ bound: Int) -> Int { Int(numbers.next() * Double(bound)) }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  mutating func coin() -> Bool { below(2) == 0 }
}

/// Anything.
extension Draw {
  private static let integers = [0, 0, 0, 1, 1, 1, 2, 3, -1, -1, -2, 7, Int.max, Int.min, 1 << 40]

  mutating func integer() -> Int { pick(Self.integers) }

  mutating func integers() -> [Int] { (0..<below(5)).map { _ in integer() } }

  mutating func pairs() -> [(Int, Int)] { (0..<below(4)).map { _ in (integer(), integer()) } }

  mutating func optional() -> Int? { below(3) == 0 ? nil : integer() }

  mutating func number() -> Double { pick([0, 1, -1, 0.5, -2, 1e300, .infinity, .nan]) }

  mutating func plane() -> Size2D {
    below(3) == 0 ? Size2D(integer(), integer()) : Size2D(1 + below(2), 1 + below(2))
  }

  mutating func dtype() -> DType { pick(DType.allCases) }

  mutating func anyShape() -> Shape {
    Shape((0..<below(10)).map { _ in below(3) == 0 ? integer() : 1 + below(3) })
  }

  /// Operands: often of one shape, mostly possible, of any element type.
  mutating func operands(_ g: GraphBuilder) -> [Value] {
    let common = Shape((0..<below(5)).map { _ in below(8) == 0 ? 0 : 1 + below(3) })
    return (0..<below(5)).map { index in
      let other = below(3) == 0 ? anyShape() : Shape((0..<below(5)).map { _ in 1 + below(3) })
      let dtype = below(4) == 0 ? dtype() : .float32
      return g.input("x\(index)", below(3) == 0 ? other : common, dtype: dtype)
    }
  }
}

/// What fits.
extension Draw {
  private static let lengths = [0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 17, 33, 65, 130]

  /// A length of an axis: 1, odd, around those of vectors, and 0 unless there must be elements.
  mutating func length(empty: Bool = true) -> Int {
    let length = pick(Self.lengths)
    return length == 0 && !empty ? 1 : Swift.min(length, Swift.max(size / 4, 2))
  }

  /// A shape of so many axes that keeps to the size.
  mutating func shape(_ rank: ClosedRange<Int> = 0...4, empty: Bool = true) -> Shape {
    let count = rank.lowerBound + below(rank.count)
    return fitting(Shape((0..<count).map { _ in length(empty: empty) }))
  }

  /// A shape whose longest axes have been cut until it keeps to the size.
  func fitting(_ shape: Shape) -> Shape {
    var shape = shape
    while shape.elementCount > size {
      guard let longest = shape.indices.max(by: { shape[$0] < shape[$1] }) else { break }
      shape[longest] = (shape[longest] + 1) / 2
    }
    return shape
  }

  mutating func axis(of shape: Shape) -> Int { below(shape.rank) }

  /// Some axes, ascending.
  mutating func axes(of shape: Shape) -> [Int] { shape.indices.filter { _ in below(2) == 0 } }

  /// Shapes that broadcast together.
  mutating func broadcasting(_ count: Int) -> [Shape] {
    let whole = shape()
    return (0..<count).map { _ in
      let lengths = whole.dimensions.dropFirst(below(4) == 0 ? below(whole.rank + 1) : 0)
      return Shape(lengths.map { below(4) == 0 ? 1 : $0 })
    }
  }

  mutating func tensor(_ shape: Shape, in range: ClosedRange<Double> = -1.5...1.5) throws -> Tensor {
    try numbers.tensor(shape, in: range)
  }

  /// Indices of either type.
  mutating func indices(_ shape: Shape, below bound: Int) throws -> Tensor {
    let values = (0..<shape.elementCount).map { _ in below(bound) }
    return coin()
      ? try Tensor(values.map { Int64($0) }, shape: shape)
      : try Tensor(values.map { Int32($0) }, shape: shape)
  }

  mutating func mask(_ shape: Shape) throws -> Tensor {
    try Tensor((0..<shape.elementCount).map { _ in coin() }, shape: shape)
  }
}
