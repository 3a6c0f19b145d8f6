import Testing

@testable import TributaryOps

/// Arithmetic of integers and truth values, against Swift's own.
@Suite struct IntegerTests {
  private func check<Element: FixedWidthInteger & SignedInteger & TensorElement>(
    _ element: Element.Type
  ) throws {
    let some: [Element] = [.min, .min + 1, -8, -7, -3, -1, 0, 1, 2, 3, 7, 8, .max - 1, .max]
    let divisors = some.filter { $0 != 0 }
    let pairs = some.flatMap { x in divisors.map { (x, $0) } }
    let x = try Tensor(pairs.map(\.0), shape: [pairs.count])
    let z = try Tensor(pairs.map(\.1), shape: [pairs.count])
    func results(_ op: any Operator, _ inputs: Tensor...) throws -> [Element] {
      try op.evaluate(on: inputs)[0].elements()
    }
    func floor(_ x: Element, _ z: Element) -> Element {
      if z == -1 { return 0 &- x }
      let (quotient, rest) = x.quotientAndRemainder(dividingBy: z)
      return rest != 0 && (rest < 0) != (z < 0) ? quotient - 1 : quotient
    }
    #expect(try results(IntegerDivision(.floorDivide), x, z) == pairs.map { floor($0.0, $0.1) })
    #expect(
      try results(IntegerDivision(.remainder), x, z) == pairs.map { $0.0 &- $0.1 &* floor($0.0, $0.1) })
    #expect(try results(Binary(.add), x, z) == pairs.map { $0.0 &+ $0.1 })
    #expect(try results(Binary(.sub), x, z) == pairs.map { $0.0 &- $0.1 })
    #expect(try results(Binary(.mul), x, z) == pairs.map { $0.0 &* $0.1 })
    #expect(try results(Binary(.maximum), x, z) == pairs.map { max($0.0, $0.1) })
    #expect(try results(Binary(.minimum), x, z) == pairs.map { min($0.0, $0.1) })
    #expect(try results(Unary(.neg), x) == pairs.map { 0 &- $0.0 })
    #expect(try results(Unary(.abs), x) == pairs.map { $0.0 < 0 ? 0 &- $0.0 : $0.0 })
    #expect(try results(Unary(.square), x) == pairs.map { $0.0 &* $0.0 })
    #expect(try results(Unary(.sign), x) == pairs.map { $0.0.signum() })
    #expect(try results(Reduce(.sum, axes: [0]), x) == [pairs.reduce(0) { $0 &+ $1.0 }])
    #expect(try results(Reduce(.max, axes: [0]), x) == [.max])
    #expect(try results(Reduce(.min, axes: [0]), x) == [.min])
    for comparison in Comparison.allCases {
      let got: [Bool] = try Compare(comparison).evaluate(on: [x, z])[0].elements()
      let want = pairs.map { a, b in
        switch comparison {
        case .equal: a == b
        case .notEqual: a != b
        case .less: a < b
        case .lessEqual: a <= b
        case .greater: a > b
        case .greaterEqual: a >= b
        }
      }
      #expect(got == want, "\(comparison)")
    }
  }

  @Test func arithmeticWrapsAround() throws {
    try check(Int32.self)
    try check(Int64.self)
  }

  @Test(arguments: IntegerDivisionFunction.allCases, [0, 3, 11, 129])
  func aDivisorOfZeroIsAFaultBeforeAnythingIsWritten(_ function: IntegerDivisionFunction, place: Int) throws {
    var divisors = [Int64](repeating: 2, count: 130)
    divisors[place] = 0
    let op = IntegerDivision(function)
    #expect(op.canFault)
    let z = try Tensor(divisors, shape: [2, 65])
    let x = try Tensor((0..<390).map { Int64($0) }, shape: [3, 2, 65])
    let fault = try #require(throws: KernelFault.self) { try op.evaluate(on: [x, z]) }
    #expect(fault.status == KernelStatus(.divisionByZero, detail: place))
    #expect(fault.description.contains("\(place)") && fault.description.contains(function.rawValue))
    #expect(z.shape.position(of: place) == [place / 65, place % 65])
    // A piece looks at its own divisors alone.
    let column = Region(whole: x.shape).replacing(axis: 2, with: place % 65..<place % 65 + 1)
    #expect(throws: KernelFault.self) { try op.evaluate(on: [x, z], pieces: [column]) }
    let beside = Region(whole: x.shape).replacing(axis: 2, with: place % 65 == 0 ? 1..<65 : 0..<place % 65)
    #expect(throws: Never.self) { try op.evaluate(on: [x, z], pieces: [beside]) }
  }

  @Test func nothingAtAllHasNoDivisorOfZero() throws {
    let none = try Tensor([Int32](), shape: [0, 3])
    let zero = try Tensor([Int32(0)], shape: [1])
    #expect(try IntegerDivision(.remainder).evaluate(on: [none, zero])[0].shape == [0, 3])
  }

  @Test func truthValuesAreReduced() throws {
    let x = try Tensor([true, false, false, false, true, true], shape: [3, 2])
    func results(_ function: LogicalReduceFunction, _ axes: [Int]) throws -> [Bool] {
      try LogicalReduce(function, axes: axes).evaluate(on: [x])[0].elements()
    }
    #expect(try results(.any, [1]) == [true, false, true])
    #expect(try results(.all, [1]) == [false, false, true])
    #expect(try results(.any, [0]) == [true, true])
    #expect(try results(.all, [0, 1]) == [false])
    let none = try Tensor([Bool](), shape: [0, 2])
    #expect(try LogicalReduce(.any, axes: [0]).evaluate(on: [none])[0].elements() == [false, false])
    #expect(try LogicalReduce(.all, axes: [0]).evaluate(on: [none])[0].elements() == [true, true])
    // One element that differs, anywhere in a long row, decides.
    for place in [0, 63, 64, 500, 999] {
      var row = [Bool](repeating: false, count: 1000)
      row[place] = true
      let tensor = try Tensor(row, shape: [1000])
      #expect(try LogicalReduce(.any, axes: [0]).evaluate(on: [tensor])[0].scalar() == true)
      let inverse = try Logical(.not).evaluate(on: [tensor])[0]
      #expect(try LogicalReduce(.all, axes: [0]).evaluate(on: [inverse])[0].scalar() == false)
    }
  }

  @Test func logicalFunctionsHaveTheirTables() throws {
    let a = try Tensor([false, false, true, true], shape: [4])
    let b = try Tensor([false, true, false, true], shape: [4])
    #expect(try Logical(.and).evaluate(on: [a, b])[0].elements() == [false, false, false, true])
    #expect(try Logical(.or).evaluate(on: [a, b])[0].elements() == [false, true, true, true])
    #expect(try Logical(.xor).evaluate(on: [a, b])[0].elements() == [false, true, true, false])
    #expect(try Logical(.not).evaluate(on: [a])[0].elements() == [true, true, false, false])
  }

  @Test func castsSaturateAndDropTheFraction() throws {
    let values: [Double] = [
      0.9, -0.9, 2.5, -2.5, 2147483646.7, 2147483648, -2147483649, 9.3e18, -9.3e18, 1e300, .infinity,
      -.infinity, .nan, -0.0,
    ]
    func integers<Element: FixedWidthInteger & TensorElement>(_ value: Double, _: Element.Type) -> Element {
      if value.isNaN { return 0 }
      return value >= Double(Element.max) ? .max : value <= Double(Element.min) ? .min : Element(value)
    }
    let repeated = (0..<5).flatMap { _ in values }
    let wide = try Tensor(repeated, shape: [repeated.count])
    let narrow = try Tensor(repeated.map { Float($0) }, shape: [repeated.count])
    for level in VectorLevel.available {
      try VectorLevel.$override.withValue(level) { () throws -> Void in
        func cast<Element: TensorElement>(_ x: Tensor, _: Element.Type) throws -> [Element] {
          try Cast(to: Element.dtype).evaluate(on: [x])[0].elements()
        }
        #expect(try cast(wide, Int32.self) == repeated.map { integers($0, Int32.self) })
        #expect(try cast(wide, Int64.self) == repeated.map { integers($0, Int64.self) })
        #expect(try cast(narrow, Int32.self) == repeated.map { integers(Double(Float($0)), Int32.self) })
        #expect(try cast(narrow, Int64.self) == repeated.map { integers(Double(Float($0)), Int64.self) })
        #expect(try cast(wide, Bool.self) == repeated.map { $0 != 0 })
      }
    }
    let large = try Tensor([Int64.max, .min, 1 << 32 + 5, -1, 1 << 53 + 1], shape: [5])
    #expect(try Cast(to: .int32).evaluate(on: [large])[0].elements() == [-1, 0, 5, -1, 1] as [Int32])
    #expect(
      try Cast(to: .float64).evaluate(on: [large])[0].elements()
        == [Double(Int64.max), Double(Int64.min), 4294967301, -1, 9007199254740992])
    let truth = try Tensor([true, false], shape: [2])
    #expect(try Cast(to: .int64).evaluate(on: [truth])[0].elements() == [1, 0] as [Int64])
    #expect(try Cast(to: .float32).evaluate(on: [truth])[0].elements() == [1, 0] as [Float])
  }
}
