internal import TributaryOps

extension Shape {
  /// Axes as the operators want them, non-negative and ascending; nil means all.
  func normalized(axes: [Int]?) throws(ShapeError) -> [Int] {
    guard let axes else { return Array(0..<rank) }
    var result: [Int] = []
    for axis in axes {
      let resolved = try resolved(axis: axis)
      guard !result.contains(resolved) else {
        throw ShapeError(.axis, "axis \(axis) is named twice in \(axes)")
      }
      result.append(resolved)
    }
    return result.sorted()
  }

  /// An axis counted from the end when negative.
  func resolved(axis: Int) throws(ShapeError) -> Int {
    guard let resolved = normalized(axis: axis) else {
      let valid = rank == 0 ? "it has none" : "valid are \(-rank) to \(rank - 1)"
      throw ShapeError(.axis, "there is no axis \(axis) in \(self); \(valid)")
    }
    return resolved
  }

  /// The shape with some axes, ascending, at length 1.
  func keeping(reduced axes: [Int]) -> Shape {
    var result = self
    for axis in axes { result[axis] = 1 }
    return result
  }

  /// The shape with an axis of length 1 put before `axis`.
  func inserting(axis: Int) -> Shape {
    var lengths = dimensions
    lengths.insert(1, at: axis)
    return Shape(lengths)
  }

  /// The shape without an axis.
  func removing(axis: Int) -> Shape {
    var lengths = dimensions
    lengths.remove(at: axis)
    return Shape(lengths)
  }
}
