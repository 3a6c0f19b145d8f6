extension Region {
  /// Where the first element of the region lies, in elements, in a value with the given strides.
  func offset(strides: [Int]) -> Int {
    (0..<rank).reduce(0) { $0 + self[$1].lowerBound * strides[$1] }
  }

  /// The part that two regions of one value share; empty lengths where they share nothing.
  func intersection(_ other: Region) -> Region {
    var result = self
    for axis in 0..<rank {
      let lower = Swift.max(self[axis].lowerBound, other[axis].lowerBound)
      result[axis] = lower..<Swift.max(lower, Swift.min(self[axis].upperBound, other[axis].upperBound))
    }
    return result
  }

  /// This region with the range of one axis moved.
  func shifted(axis: Int, by distance: Int) -> Region {
    replacing(axis: axis, with: self[axis].lowerBound + distance..<self[axis].upperBound + distance)
  }
}
