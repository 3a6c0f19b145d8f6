import Testing
import TributaryOps

/// Values of the elementwise operators against doubles, over shapes that broadcast in every way.
@Suite struct ElementwiseTests {
  static let formulas: [(BinaryFunction, @Sendable (Double, Double) -> Double)] = [
    (.add, { $0 + $1 }), (.sub, { $0 - $1 }), (.mul, { $0 * $1 }), (.div, { $0 / $1 }),
    (.maximum, { $0 > $1 ? $0 : $1 }), (.minimum, { $0 < $1 ? $0 : $1 }),
    (.tanhGradient, { $0 * (1 - $1 * $1) }), (.sigmoidGradient, { $0 * $1 * (1 - $1) }),
    (.reluGradient, { $1 > 0 ? $0 : 0 }),
  ]

  @Test(arguments: OperatorCase.broadcasts.indices)
  func binaryFunctionsBroadcast(_ which: Int) throws {
    var random = TestRandom(which)
    let (a, b) = OperatorCase.broadcasts[which]
    for dtype in [DType.float32, .float64] {
      let x = random.tensor(dtype, a)
      let y = random.tensor(dtype, b)
      for (function, formula) in Self.formulas {
        let got = try Binary(function).evaluate(on: [x, y])[0]
        let want = Reference.map([x, y]) { formula($0[0], $0[1]) }
        #expect(got.shape == a.broadcast(with: b))
        let bound = dtype == .float32 ? 4e-7 : 1e-15
        #expect(Reference.difference(got.doubles, want, bound: bound, floor: 3) == nil)
      }
    }
  }

  @Test(arguments: [DType.int32, .int64])
  func integersAreExactAndWrapAround(_ dtype: DType) throws {
    var random = TestRandom(8)
    let x = random.tensor(dtype, [5, 33], in: -1000...1000)
    let y = random.tensor(dtype, [33], in: -1000...1000)
    for (function, formula) in Self.formulas where [.add, .sub, .mul, .maximum, .minimum].contains(function) {
      #expect(
        try Binary(function).evaluate(on: [x, y])[0].doubles
          == Reference.map([x, y]) { formula($0[0], $0[1]) })
    }
    let largest = [try Tensor([Int32.max], shape: [1]), try Tensor([Int32(1)], shape: [1])]
    #expect(try Binary(.add).evaluate(on: largest)[0].elements(Int32.self) == [Int32.min])
  }

  @Test func aNaNPassesThroughMaximumMinimumAndRelu() throws {
    let x = try Tensor([Float.nan, 1, .nan, 2], shape: [4])
    let y = try Tensor([Float(1), .nan, .nan, 3], shape: [4])
    for function in [BinaryFunction.maximum, .minimum] {
      let z = try Binary(function).evaluate(on: [x, y])[0].elements(Float.self)
      #expect(z[0].isNaN && z[1].isNaN && z[2].isNaN && z[3] == (function == .maximum ? 3 : 2))
    }
    #expect(try Unary(.relu).evaluate(on: [x])[0].elements(Float.self)[0].isNaN)
  }

  @Test(arguments: OperatorCase.broadcasts.indices)
  func comparisonsAndSelectionBroadcast(_ which: Int) throws {
    var random = TestRandom(which + 100)
    let (a, b) = OperatorCase.broadcasts[which]
    let relations: [(Comparison, (Double, Double) -> Bool)] = [
      (.equal, { $0 == $1 }), (.notEqual, { $0 != $1 }), (.less, { $0 < $1 }), (.lessEqual, { $0 <= $1 }),
      (.greater, { $0 > $1 }), (.greaterEqual, { $0 >= $1 }),
    ]
    for dtype in DType.allCases {
      let x = random.tensor(dtype, a, in: -2...2)
      let y = random.tensor(dtype, b, in: -2...2)
      for (comparison, relation) in relations {
        let got = try Compare(comparison).evaluate(on: [x, y])[0].doubles
        #expect(got == Reference.map([x, y]) { relation($0[0], $0[1]) ? 1 : 0 })
      }
      let condition = random.tensor(.bool, b)
      let selected = try Where().evaluate(on: [condition, x, y])[0].doubles
      #expect(selected == Reference.map([condition, x, y]) { $0[0] == 1 ? $0[1] : $0[2] })
      let repeated = try BroadcastTo(shape: a.broadcast(with: b)!).evaluate(on: [y])[0].doubles
      #expect(repeated == Reference.map([x, y]) { $0[1] })
    }
  }

  @Test func logicalFunctionsHaveTheirTables() throws {
    let x = try Tensor([false, false, true, true], shape: [4])
    let y = try Tensor([false, true, false, true], shape: [4])
    #expect(try Logical(.and).evaluate(on: [x, y])[0].elements() == [false, false, false, true])
    #expect(try Logical(.or).evaluate(on: [x, y])[0].elements() == [false, true, true, true])
    #expect(try Logical(.not).evaluate(on: [x])[0].elements() == [true, true, false, false])
  }

  @Test func conversionsSaturateAndRoundTowardsZero() throws {
    let x = try Tensor([Float(1.9), -1.9, 0, .nan, 1e20, -.infinity, .infinity], shape: [7])
    #expect(
      try Cast(to: .int32).evaluate(on: [x])[0].elements() == [1, -1, 0, 0, Int32.max, Int32.min, Int32.max])
    #expect(
      try Cast(to: .int64).evaluate(on: [x])[0].elements() == [1, -1, 0, 0, Int64.max, Int64.min, Int64.max])
    #expect(
      try Cast(to: .bool).evaluate(on: [x])[0].elements() == [true, true, false, true, true, true, true])
    let y = try Tensor([Int64(-3), 0, 1 << 40], shape: [3])
    #expect(try Cast(to: .float32).evaluate(on: [y])[0].elements() == [Float(-3), 0, 0x1p40])
    #expect(
      try Cast(to: .float64).evaluate(on: [try Tensor([true, false], shape: [2])])[0].elements() == [1.0, 0])
  }

  @Test func createdTensorsHaveTheirValues() throws {
    #expect(
      try Fill(type: TensorType(.float64, [2, 3]), value: -2.5).evaluate(on: [])[0].doubles
        == .init(repeating: -2.5, count: 6))
    #expect(try Fill(type: TensorType(.bool, [2]), value: 7).evaluate(on: [])[0].elements() == [true, true])
    let shape: Shape = [3, 4, 5]
    for axis in 0..<3 {
      let got = try Iota(type: TensorType(.int32, shape), axis: axis).evaluate(on: [])[0].doubles
      #expect(got == (0..<60).map { Double($0 / [20, 5, 1][axis] % shape[axis]) })
    }
    let ids = try Tensor([Int32(2), 0, -1, 3], shape: [2, 2])
    let encoded = try OneHot(classes: 3, dtype: .float32).evaluate(on: [ids])[0]
    #expect(encoded.shape == [2, 2, 3])
    #expect(encoded.doubles == [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func accumulationGoesFromLeftToRight() throws {
    // 1 is lost in 2^24 unless the small numbers meet first, which from the left they do not.
    let terms: [Float] = [16_777_216, 1, 1, -16_777_216, 3]
    let sum = try Accumulate().evaluate(on: terms.map { Tensor($0) })[0].scalar(Float.self)
    #expect(sum == ((((terms[0] + terms[1]) + terms[2]) + terms[3]) + terms[4]))
    #expect(sum == 3)
  }

  @Test func theFirstInputThatIsNotFiniteIsNamed() throws {
    let good = Tensor([1, 2, 3], dtype: .float32, shape: [3])
    let bad = Tensor([1, .infinity], dtype: .float64, shape: [2])
    #expect(try CheckFinite().evaluate(on: [good, good])[0].scalar(Bool.self))
    #expect(throws: KernelFault(operatorName: "check_finite", status: KernelStatus(.notFinite, detail: 1))) {
      try CheckFinite().evaluate(on: [good, bad])
    }
    let nan = Tensor(Array(repeating: 0, count: 100) + [.nan], dtype: .float32, shape: [101])
    #expect(throws: KernelFault.self) { try CheckFinite().evaluate(on: [nan]) }
  }
}
