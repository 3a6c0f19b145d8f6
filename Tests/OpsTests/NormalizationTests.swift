import Testing

@testable import TributaryOps

@Suite struct NormalizationTests {
  /// Mean and biased variance.
  private func moments(_ x: [Double]) -> (mean: Double, variance: Double) {
    let mean = x.reduce(0, +) / Double(x.count)
    return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count))
  }

  private func bound(_ dtype: DType) -> Double { dtype == .float32 ? 3e-6 : 1e-12 }

  private static let shapes: [(RowNormalization, Shape)] = [
    (.layer(rank: 1), [6, 5]), (.layer(rank: 2), [3, 4, 33]), (.layer(rank: 1), [2, 5000]),
    (.rootMeanSquare(rank: 1), [4, 70]), (.rootMeanSquare(rank: 1), [3, 3000]),
    (.group(count: 2), [3, 4, 5, 7]),
    (.group(count: 3), [2, 6, 1100]),
  ]

  @Test(arguments: [DType.float32, .float64], VectorLevel.available)
  func rowsEqualTheDefinition(_ dtype: DType, _ level: VectorLevel) throws {
    var random = TestRandom(21)
    for (kind, shape) in Self.shapes {
      let layout = RowLayout(kind, shape)
      let x = random.tensor(dtype, shape)
      let w = random.tensor(dtype, layout.weights)
      let b = random.tensor(dtype, layout.weights)
      let outputs = try VectorLevel.$override.withValue(level) {
        try Normalize(kind, epsilon: 0.01).evaluate(on: [x, w, b])
      }
      let (xs, ws, bs) = (x.doubles, w.doubles, b.doubles)
      var y = xs
      var scales: [Double] = []
      for (row, start) in stride(from: 0, to: y.count, by: layout.length).enumerated() {
        let own = Array(xs[start..<start + layout.length])
        let (mean, variance) =
          kind.isCentred ? moments(own) : (0, own.reduce(0) { $0 + $1 * $1 } / Double(own.count))
        let scale = 1 / (variance + 0.01).squareRoot()
        scales.append(scale)
        for index in 0..<layout.length {
          let place = row % layout.groups * layout.segments + index / layout.inner
          y[start + index] = (own[index] - mean) * scale * ws[place] + bs[place]
        }
      }
      #expect(
        Reference.difference(outputs[0].doubles, y, bound: bound(dtype), floor: 1) == nil, "\(kind) \(shape)")
      let statistics = outputs[kind.isCentred ? 2 : 1].doubles
      #expect(
        Reference.difference(statistics, scales, bound: bound(dtype), floor: 1) == nil, "\(kind) \(shape)")
    }
  }

  @Test(arguments: [DType.float32, .float64])
  func channelsEqualTheDefinition(_ dtype: DType) throws {
    var random = TestRandom(22)
    for (shape, axis) in [([300, 70], 1), ([40, 3, 50], 1), ([2, 3, 1500], 1), ([5, 9, 4], 2)]
      as [(Shape, Int)]
    {
      let x = random.tensor(dtype, shape)
      let (channels, inner) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
      let w = random.tensor(dtype, [channels])
      let outputs = try BatchNormalize(axis: axis, epsilon: 0.01).evaluate(on: [x, w, w])
      var groups = [[Double]](repeating: [], count: channels)
      let (xs, ws) = (x.doubles, w.doubles)
      for (index, value) in xs.enumerated() { groups[index / inner % channels].append(value) }
      let statistics = groups.map { moments($0) }
      let y = xs.enumerated().map { index, value in
        let channel = index / inner % channels
        let (mean, variance) = statistics[channel]
        return (value - mean) / (variance + 0.01).squareRoot() * ws[channel] + ws[channel]
      }
      let want = [y, statistics.map(\.mean), statistics.map(\.variance)]
      for (got, want) in zip(outputs, want) {
        #expect(Reference.difference(got.doubles, want, bound: bound(dtype), floor: 1) == nil, "\(shape)")
      }
      let again = try BatchNormalizeInference(axis: axis, epsilon: 0.01).evaluate(on: [
        x, outputs[1], outputs[2], w, w,
      ])
      #expect(again[0].bytes == outputs[0].bytes)
    }
  }

  @Test("a mean far from zero costs the variance nothing", arguments: [1e3, 1e5])
  func offset(_ offset: Double) throws {
    var random = TestRandom(23)
    let x = random.tensor(.float32, [3, 4096], in: offset - 1...offset + 1)
    let scales = try Normalize(.layer(rank: 1), epsilon: 0).evaluate(on: [x])[2].doubles
    let variances = try BatchNormalize(axis: 0, epsilon: 0).evaluate(on: [x])[2].doubles
    let xs = x.doubles
    for row in 0..<3 {
      let variance = moments(Array(xs[row * 4096..<(row + 1) * 4096])).variance
      let scale = 1 / variance.squareRoot()
      #expect(abs(scales[row] - scale) < 1e-5 * scale)
      #expect(abs(variances[row] - variance) < 1e-5 * variance)
    }
  }

  @Test func limitsStayInTheirRows() throws {
    let infinity = Float.infinity
    let x = try Tensor([1, .nan, 3, 1, infinity, 3, 2, 2, 2, 1, 2, 3], shape: [4, 3])
    let y = try Normalize(.layer(rank: 1)).evaluate(on: [x])[0].elements(Float.self)
    #expect(y[0..<6].allSatisfy { $0.isNaN })
    #expect(y[6..<9].allSatisfy { $0 == 0 })
    #expect(y[9...].allSatisfy { $0.isFinite })
    let rms = try Normalize(.rootMeanSquare(rank: 1)).evaluate(on: [x])[0].elements(Float.self)
    #expect(rms[0..<3].allSatisfy { $0.isNaN } && rms[3] == 0 && rms[4].isNaN && rms[5] == 0)
    let batch = try BatchNormalize(axis: 0).evaluate(on: [x])[0].elements(Float.self)
    #expect(batch[0..<6].allSatisfy { $0.isNaN } && batch[6...].allSatisfy { $0.isFinite })
  }

  @Test("no rows give nothing, and sums of nothing are zero")
  func noRows() throws {
    let x = try Tensor([Float](), shape: [0, 4])
    let outputs = try Normalize(.layer(rank: 1)).evaluate(on: [x])
    #expect(outputs.map(\.shape) == [[0, 4], [0], [0]])
    let c = try Tensor([Float](repeating: 1, count: 4), shape: [4])
    let sums = try BatchNormalizeSums(axis: 1).evaluate(on: [x, x, c, c])
    for sum in sums { #expect(try sum.elements(Float.self) == [0, 0, 0, 0]) }
    #expect(try BatchNormalizeInference(axis: 1).evaluate(on: [x, c, c])[0].shape == [0, 4])
  }

  /// Chunks are what cuts fall between: about 64 rows, whatever the axes before the rows.
  @Test(arguments: [
    ([32, 128, 8], 64), ([512, 8, 8], 64), ([100, 100, 8], 50), ([4096, 3, 5, 8], 60), ([7, 8], 7),
  ])
  func chunksAreOfAFewRows(lengths: [Int], rows: Int) {
    let layout = RowLayout(.layer(rank: 1), Shape(lengths))
    #expect(layout.chunk == rows)
    #expect(layout.outer * layout.rows * 8 == lengths.reduce(1, *))
  }
}
