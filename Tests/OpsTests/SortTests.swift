import Testing
import TributaryOps

/// Sorts against Swift's own, which is stable too.
@Suite struct SortTests {
  /// The indices that sort a row: NaN last, then by value, then by index.
  private func order(_ row: [Double], descending: Bool) -> [Int] {
    row.indices.sorted { a, b in
      let (x, y) = (row[a], row[b])
      if x.isNaN || y.isNaN { return x.isNaN == y.isNaN ? a < b : y.isNaN }
      return x == y ? a < b : (x < y) != descending
    }
  }

  private func check(_ x: Tensor, axis: Int, descending: Bool, count: Int?) throws {
    let kept = count ?? x.shape[axis]
    let outputs = try Sort(axis: axis, descending: descending, count: count).evaluate(on: [x])
    let (values, indices) = (outputs[0].doubles, try outputs[1].elements(Int64.self))
    let elements = x.doubles
    let inner = x.shape.dropFirst(axis + 1).reduce(1, *)
    let length = x.shape[axis]
    var mistakes = 0
    for outer in 0..<(length == 0 ? 0 : elements.count / (inner * length)) {
      for column in 0..<inner {
        let row = (0..<length).map { elements[(outer * length + $0) * inner + column] }
        let wanted = order(row, descending: descending).prefix(kept)
        for (place, index) in wanted.enumerated() {
          let at = (outer * kept + place) * inner + column
          let isSame = values[at].bitPattern == row[index].bitPattern || values[at].isNaN && row[index].isNaN
          if indices[at] != Int64(index) || !isSame { mistakes += 1 }
        }
      }
    }
    #expect(mistakes == 0, "\(x.type) axis \(axis) descending \(descending) count \(count ?? -1)")
  }

  @Test(arguments: DType.allCases, [1, 2, 7, 63, 64, 65, 300, 5000])
  func equalsTheDefinition(_ dtype: DType, _ length: Int) throws {
    var random = TestRandom(length)
    for shape: Shape in [[length], [2, length], [length, 3]] {
      let axis = shape.rank == 2 && shape[1] == length ? 1 : 0
      // Few different values, so that many are equal; and many.
      for range in [-2.0...2, -1e6...1e6] {
        var numbers = random.tensor(.float64, shape, in: range).doubles
        if range.upperBound < 3 { numbers = numbers.map { $0.rounded() } }
        let x = Tensor(numbers, dtype: dtype, shape: shape)
        for descending in [false, true] {
          try check(x, axis: axis, descending: descending, count: nil)
          for count in [1, length / 9, length / 2, length] {
            try check(x, axis: axis, descending: descending, count: count)
          }
        }
      }
    }
  }

  @Test(arguments: [DType.float32, .float64], [20, 200])
  func specialNumbersHaveTheirPlaces(_ dtype: DType, _ length: Int) throws {
    let special: [Double] = [
      .nan, -0.0, 0, .infinity, -.infinity, -.nan, 1, -1, 1e-40, -1e-40, .leastNonzeroMagnitude, 0, -0.0,
    ]
    let x = Tensor((0..<length).map { special[$0 * 7 % special.count] }, dtype: dtype, shape: [length])
    for descending in [false, true] {
      try check(x, axis: 0, descending: descending, count: nil)
      try check(x, axis: 0, descending: descending, count: 2)
    }
  }

  @Test func extremesOfIntegers() throws {
    let values: [Int64] = [0, .max, .min, -1, 1, .max - 1, .min + 1, 1 << 40, -(1 << 40)]
    let x = try Tensor(values, shape: [values.count])
    let up: [Int64] = try Sort(axis: 0).evaluate(on: [x])[0].elements()
    #expect(up == values.sorted())
    let down: [Int64] = try Sort(axis: 0, descending: true).evaluate(on: [x])[0].elements()
    #expect(down == values.sorted(by: >))
  }

  @Test func nothingIsSortedToNothing() throws {
    for shape: Shape in [[0], [0, 3], [3, 0]] {
      let x = try Tensor(zeros: TensorType(.float32, shape))
      for axis in shape.indices {
        let outputs = try Sort(axis: axis).evaluate(on: [x])
        #expect(outputs[0].shape == shape && outputs[1].type == TensorType(.int64, shape))
      }
    }
  }
}
