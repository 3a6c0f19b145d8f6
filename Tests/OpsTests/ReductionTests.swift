import Testing
import TributaryOps

/// Values of the reductions against doubles.
@Suite struct ReductionTests {
  @Test(arguments: OperatorCase.reducedAxes.indices)
  func reductionsGiveTheirValues(_ which: Int) throws {
    var random = TestRandom(which + 200)
    let (shape, axes) = OperatorCase.reducedAxes[which]
    for dtype in [DType.float32, .float64] {
      let x = random.tensor(dtype, shape, in: -1...3)
      let bound = dtype == .float32 ? 1.2e-7 : 1e-14
      for keep in [false, true] {
        func check(_ op: any Operator, _ function: ([Double]) -> Double) throws {
          let got = try op.evaluate(on: [x])[0]
          let want = Reference.reduce(x, axes: axes, function)
          #expect(got.shape == shape.reduced(over: axes, keepDimensions: keep))
          #expect(Reference.difference(got.doubles, want, bound: bound, floor: 0.01) == nil, "\(op)")
        }
        try check(Reduce(.sum, axes: axes, keepDimensions: keep)) { $0.reduce(0, +) }
        try check(Reduce(.mean, axes: axes, keepDimensions: keep)) { $0.reduce(0, +) / Double($0.count) }
        try check(Norm(axes: axes, keepDimensions: keep)) { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        if !axes.contains(where: { shape[$0] == 0 }) {
          try check(Reduce(.max, axes: axes, keepDimensions: keep)) { $0.max()! }
          try check(Reduce(.min, axes: axes, keepDimensions: keep)) { $0.min()! }
        }
      }
    }
  }

  @Test func aLongSumOfFloatsLosesOneRounding() throws {
    var random = TestRandom(9)
    let x = random.tensor(.float32, [300_000], in: 0...1)
    let want = x.doubles.reduce(0, +)
    let whole = try Reduce(.sum, axes: [0]).evaluate(on: [x])[0].scalar(Float.self)
    #expect(ulps(whole, want) <= 0.51)
    let columns = try Reduce(.sum, axes: [0]).evaluate(on: [try x.reshaped(to: [300_000, 1])])[0].elements(
      Float.self)
    #expect(ulps(columns[0], want) <= 0.51)
  }

  @Test func theNormOfLargeAndSmallFloatsNeitherOverflowsNorVanishes() throws {
    for value in [Float(1e30), 1e-30] {
      let x = try Tensor([value, value], shape: [2])
      let norm = try Norm(axes: [0]).evaluate(on: [x])[0].scalar(Float.self)
      #expect(ulps(norm, Double(value) * 2.0.squareRoot()) <= 1)
    }
  }

  @Test(arguments: [ReduceFunction.max, .min])
  func aNaNAnywhereIsTheExtreme(_ function: ReduceFunction) throws {
    for place in [0, 5, 63, 64, 130, 199] {
      var values = (0..<200).map { Float($0) }
      values[place] = .nan
      let x = try Tensor(values, shape: [200])
      #expect(try Reduce(function, axes: [0]).evaluate(on: [x])[0].scalar(Float.self).isNaN)
      let columns = try Reduce(function, axes: [0]).evaluate(on: [try x.reshaped(to: [100, 2])])[0]
      #expect(try columns.elements(Float.self).map(\.isNaN) == [place % 2 == 0, place % 2 == 1])
    }
  }

  @Test func emptySumsAreZeroAndEmptyMeansNaN() throws {
    let x = try Tensor(zeros: TensorType(.float32, [2, 0]))
    #expect(try Reduce(.sum, axes: [1]).evaluate(on: [x])[0].doubles == [0, 0])
    #expect(try Reduce(.mean, axes: [1]).evaluate(on: [x])[0].doubles.allSatisfy(\.isNaN))
    #expect(throws: ShapeError.self) { try Reduce(.max, axes: [1]).evaluate(on: [x]) }
    #expect(try Reduce(.max, axes: [0]).evaluate(on: [x])[0].elementCount == 0)
  }

  @Test func integerSumsAreExact() throws {
    let x = try Tensor((0..<1000).map { Int64($0) << 40 }, shape: [1000])
    #expect(try Reduce(.sum, axes: [0]).evaluate(on: [x])[0].scalar(Int64.self) == 499_500 << 40)
    let y = try Tensor((0..<6).map { Int32($0 - 3) }, shape: [2, 3])
    #expect(try Reduce(.sum, axes: [0]).evaluate(on: [y])[0].elements() == [Int32(-3), -1, 1])
    #expect(try Reduce(.min, axes: [0, 1]).evaluate(on: [y])[0].scalar(Int32.self) == -3)
  }
}
