import Testing

@testable import TributaryOps

/// Pooling against its definition, and at its edges.
@Suite struct PoolingTests {
  private func image(_ values: [Float], _ height: Int, _ width: Int) throws -> Tensor {
    try Tensor(values, shape: [1, height, width, 1])
  }

  private func run(_ op: any Operator, _ inputs: Tensor...) throws -> [Float] {
    try op.evaluate(on: inputs)[0].elements(Float.self)
  }

  @Test func theFirstOfEqualsTakesTheCotangent() throws {
    let x = try image([1, 3, 3, 2, 0, 3, 1, 1, 1], 3, 3)
    let window = PoolingWindow(2, stride: 1)
    #expect(try run(MaxPool(window), x) == [3, 3, 2, 3])
    let dx = try run(MaxPoolGradient(window), x, image([1, 10, 100, 1000], 2, 2))
    #expect(dx == [0, 11, 0, 100, 0, 1000, 0, 0, 0])
    let z = try image([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, 3)
    #expect(try run(MaxPoolPick(window), x, z) == [2, 2, 4, 6])
  }

  @Test func infinitiesAndNaNsAreElementsLikeOthers() throws {
    let low = -Float.infinity
    let x = try image([low, low, low, .nan, 1, 0, low, .nan], 2, 4)
    let window = PoolingWindow(2)
    let y = try run(MaxPool(window), x)
    #expect(y[0] == 1 && y[1].isNaN)
    let dx = try run(MaxPoolGradient(window), x, image([1, 2], 1, 2))
    #expect(dx == [0, 0, 0, 2, 1, 0, 0, 0])
    let all = try image([low, low, low, low], 2, 2)
    #expect(try run(MaxPool(window), all) == [low])
    let spread = try run(MaxPoolGradient(window), all, image([3], 1, 1))
    #expect(spread == [3, 0, 0, 0])
  }

  @Test func aWindowOutsideTheImageGivesItsIdentity() throws {
    // Two places far apart, before and behind a single column.
    let window = PoolingWindow(Size2D(1, 2), stride: 1, padding: Size2D(0, 1), dilation: Size2D(1, 2))
    let x = try image([5], 1, 1)
    #expect(try run(MaxPool(window), x) == [-.infinity])
    #expect(try run(MaxPoolPick(window), x, x) == [0])
    #expect(try run(MaxPoolGradient(window), x, x) == [0])
  }

  /// The windows over an axis by definition.
  private func spans(_ windows: MeanWindows, axis: Int, length: Int) -> [(range: Range<Int>, count: Int)] {
    switch windows {
    case .kernel(let kernel, let stride, let padding, let counts):
      let (k, s, p) = (kernel.lengths[axis], stride.lengths[axis], padding.lengths[axis])
      return (0...(length + 2 * p - k) / s).map { place in
        let range = (place * s - p..<place * s - p + k).clamped(to: 0..<length)
        return (range, counts ? k : range.count)
      }
    case .bins(let size):
      let m = size.lengths[axis]
      return (0..<m).map { i in
        let range = i * length / m..<((i + 1) * length + m - 1) / m
        return (range, range.count)
      }
    }
  }

  @Test(arguments: [DType.float32, .float64])
  func meansFollowTheirDefinition(_ dtype: DType) throws {
    var random = TestRandom(3)
    for windows in MeanWindows.examples {
      let x = random.tensor(dtype, [2, 9, 8, 3])
      let rows = spans(windows, axis: 0, length: 9)
      let columns = spans(windows, axis: 1, length: 8)
      let dy = random.tensor(dtype, [2, rows.count, columns.count, 3])
      let (values, cotangents) = (x.doubles, dy.doubles)
      var mean = [Double](repeating: 0, count: cotangents.count)
      var gradient = [Double](repeating: 0, count: values.count)
      for n in 0..<2 {
        for (h, row) in rows.enumerated() {
          for (w, column) in columns.enumerated() {
            for i in row.range {
              for j in column.range {
                for c in 0..<3 {
                  let (large, small) = (
                    ((n * 9 + i) * 8 + j) * 3 + c, ((n * rows.count + h) * columns.count + w) * 3 + c
                  )
                  let share = 1 / Double(row.count * column.count)
                  mean[small] += values[large] * share
                  gradient[large] += cotangents[small] * share
                }
              }
            }
          }
        }
      }
      let bound = dtype == .float32 ? 1e-6 : 1e-14
      let got = try MeanPool(windows).evaluate(on: [x])[0].doubles
      #expect(Reference.difference(got, mean, bound: bound, floor: 3) == nil, "\(windows)")
      let back = try MeanPoolGradient(windows, imageSize: Size2D(9, 8)).evaluate(on: [dy])[0].doubles
      #expect(Reference.difference(back, gradient, bound: bound, floor: 3) == nil, "\(windows)")
    }
  }
}
