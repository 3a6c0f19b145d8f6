import Testing
import TributaryOps

/// Values of products, variances, searches and running sums.
@Suite struct StatisticsTests {
  @Test(arguments: OperatorCase.reducedAxes.indices)
  func productsAndVariancesGiveTheirValues(_ which: Int) throws {
    var random = TestRandom(which + 300)
    let (shape, axes) = OperatorCase.reducedAxes[which]
    for dtype in [DType.float32, .float64] {
      let x = random.tensor(dtype, shape, in: 0.98...1.03)
      let bound = dtype == .float32 ? 1.2e-7 : 1e-12
      let product = try Reduce(.prod, axes: axes).evaluate(on: [x])[0]
      let wantProduct = Reference.reduce(x, axes: axes) { $0.reduce(1, *) }
      #expect(Reference.difference(product.doubles, wantProduct, bound: bound, floor: 0) == nil)
      for correction in [0, 1, 2] {
        let op = Variance(axes: axes, keepDimensions: true, correction: correction)
        let got = try op.evaluate(on: [x])[0]
        let want = Reference.reduce(x, axes: axes) { group in
          let mean = group.reduce(0, +) / Double(group.count)
          return group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(0, group.count - correction))
        }
        #expect(got.shape == shape.reduced(over: axes, keepDimensions: true))
        #expect(Reference.difference(got.doubles, want, bound: bound, floor: 0) == nil, "\(op)")
      }
    }
  }

  @Test func aLargeMeanCancelsNothing() throws {
    for dtype in [DType.float32, .float64] {
      let offset = dtype == .float32 ? 8192.0 : 1e9
      let values = (0..<1000).map { offset + ($0 % 2 == 0 ? 1.0 : -1.0) }
      let x = Tensor(values, dtype: dtype, shape: [10, 100])
      #expect(try Variance(axes: [0, 1]).evaluate(on: [x])[0].doubles == [1])
      #expect(try Variance(axes: [0]).evaluate(on: [x])[0].doubles == [Double](repeating: 0, count: 100))
    }
  }

  @Test func emptyProductsAreOneAndVariancesOfTooFewNaN() throws {
    let empty = try Tensor(zeros: TensorType(.float32, [2, 0]))
    #expect(try Reduce(.prod, axes: [1]).evaluate(on: [empty])[0].doubles == [1, 1])
    #expect(try Variance(axes: [1]).evaluate(on: [empty])[0].doubles.allSatisfy(\.isNaN))
    let one = try Tensor([Float(3), 4], shape: [2, 1])
    #expect(try Variance(axes: [1]).evaluate(on: [one])[0].doubles == [0, 0])
    #expect(try Variance(axes: [1], correction: 1).evaluate(on: [one])[0].doubles.allSatisfy(\.isNaN))
    let two = try Tensor([Float(3), 4], shape: [2])
    #expect(try Variance(axes: [0], correction: 5).evaluate(on: [two])[0].doubles == [.infinity])
  }

  @Test func integerProductsWrapAround() throws {
    let x = try Tensor([Int32(65536), 65536, 3], shape: [3])
    #expect(try Reduce(.prod, axes: [0]).evaluate(on: [x])[0].scalar(Int32.self) == 0)
    let y = try Tensor([Int64(-2), 3, 1 << 40], shape: [3])
    #expect(try Reduce(.prod, axes: [0]).evaluate(on: [y])[0].scalar(Int64.self) == -6 << 40)
  }

  @Test(arguments: Extreme.allCases)
  func theFirstExtremeIsFound(_ extreme: Extreme) throws {
    var random = TestRandom(14)
    for dtype in [DType.float32, .float64, .int32, .int64] {
      let sign = extreme == .largest ? 1.0 : -1.0
      // Whole numbers, so that many are equal.
      let x = Tensor(
        (0..<3 * 130 * 7).map { _ in Double(Int.random(in: -20...20, using: &random)) }, dtype: dtype,
        shape: [3, 130, 7])
      for axis in 0..<3 {
        let got = try ArgExtreme(extreme, axis: axis).evaluate(on: [x])[0]
        let want = Reference.reduce(x, axes: [axis]) { group in
          let best = group.map { sign * $0 }.max()!
          return Double(group.firstIndex { sign * $0 == best }!)
        }
        #expect(got.doubles == want && got.dtype == .int64)
        #expect(got.shape == x.shape.reduced(over: [axis], keepDimensions: false))
      }
      let flat = try ArgExtreme(extreme, axis: nil, keepDimensions: true).evaluate(on: [x])[0]
      let best = x.doubles.map { sign * $0 }.max()!
      #expect(flat.shape == [1, 1, 1])
      #expect(flat.doubles == [Double(x.doubles.firstIndex { sign * $0 == best }!)])
    }
  }

  @Test(arguments: Extreme.allCases)
  func theFirstNaNIsTheExtreme(_ extreme: Extreme) throws {
    for place in [0, 5, 63, 64, 130, 199] {
      var values = (0..<200).map { Float(($0 * 7) % 50) }
      for other in [place, 180, 199] where other >= place { values[other] = .nan }
      values[0] = place == 0 ? .nan : extreme == .largest ? .infinity : -.infinity
      let x = try Tensor(values, shape: [200])
      let index = try ArgExtreme(extreme, axis: 0).evaluate(on: [x])[0].scalar(Int64.self)
      #expect(index == Int64(place))
      let columns = try ArgExtreme(extreme, axis: 0).evaluate(on: [try x.reshaped(to: [200, 1])])[0]
      #expect(try columns.elements() == [Int64(place)])
      let wide = try ArgExtreme(extreme, axis: 0).evaluate(on: [try x.reshaped(to: [100, 2])])[0]
      #expect(try wide.elements(Int64.self)[place % 2] == Int64(place / 2))
    }
  }

  @Test func searchesOfOneElementAndOfNone() throws {
    #expect(try ArgExtreme(.largest, axis: nil).evaluate(on: [Tensor(Float(3))])[0].scalar(Int64.self) == 0)
    let empty = try Tensor(zeros: TensorType(.float32, [2, 0]))
    #expect(throws: ShapeError.self) { try ArgExtreme(.largest, axis: 1).evaluate(on: [empty]) }
    #expect(throws: ShapeError.self) { try ArgExtreme(.least, axis: nil).evaluate(on: [empty]) }
    #expect(try ArgExtreme(.largest, axis: 0).evaluate(on: [empty])[0].elementCount == 0)
    let infinite = try Tensor([-Float.infinity, -.infinity], shape: [2])
    #expect(try ArgExtreme(.largest, axis: 0).evaluate(on: [infinite])[0].scalar(Int64.self) == 0)
  }

  @Test func runningSumsAddUp() throws {
    for dtype in [DType.float32, .float64, .int32, .int64] {
      for (shape, axis): (Shape, Int) in [
        ([37], 0), ([9, 20], 0), ([9, 20], 1), ([3, 11, 5], 1), ([4, 1], 1),
      ] {
        // Whole numbers: every order of additions is exact.
        let x = Tensor(
          (0..<shape.elementCount).map { Double(($0 * 31) % 17 - 8) }, dtype: dtype, shape: shape)
        for reversed in [false, true] {
          let got = try CumulativeSum(axis: axis, reversed: reversed).evaluate(on: [x])[0].doubles
          var want = x.doubles
          let (stride, length) = (shape.strides[axis], shape[axis])
          for start in 0..<shape.elementCount where start / stride % length == 0 {
            for step in 1..<max(length, 1) {
              let place = reversed ? length - 1 - step : step
              want[start + place * stride] += want[start + (reversed ? place + 1 : place - 1) * stride]
            }
          }
          #expect(got == want, "\(dtype) \(shape) \(axis) \(reversed)")
        }
      }
    }
  }

  @Test func aLongRunningSumOfFloatsLosesOneRounding() throws {
    var random = TestRandom(15)
    let x = random.tensor(.float32, [100_000], in: 0...1)
    let got = try CumulativeSum(axis: 0).evaluate(on: [x])[0].elements(Float.self)
    var sum = 0.0
    var worst = 0.0
    for (value, result) in zip(x.doubles, got) {
      sum += value
      worst = max(worst, ulps(result, sum))
    }
    #expect(worst <= 0.51)
  }
}
