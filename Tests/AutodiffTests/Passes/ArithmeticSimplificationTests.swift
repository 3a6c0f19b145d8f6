import Testing
import TributaryOps

@testable import TributaryAutodiff

@Suite struct ArithmeticSimplificationTests {
  private let g = GraphBuilder()

  /// What arithmetic treats in ways of its own, and some that it does not.
  private static let numbers: [Float] = [
    0, -0.0, 1, -1, 3, -2.5, .infinity, -.infinity, .nan, 0x1p-126, -0x1p-126, .greatestFiniteMagnitude, 1.1,
    -0.7, 1e-30, 1e30,
  ]

  @Test("signs and divisions are taken into what is there")
  func goldenExample() throws {
    let x = g.input("x", [2])
    let y = g.input("y", [2])
    let before = try g.graph(fetching: [(x + -y) / 4])
    #expect(
      before.description == """
        %0 = input "x" : f32[2]
        %1 = input "y" : f32[2]
        %2 = neg(%1) : f32[2]
        %3 = add(%0, %2) : f32[2]
        %4 = constant 4.0 : f32[]
        %5 = div(%3, %4) : f32[2]
        fetch %5

        """)
    #expect(
      DeadCodeElimination().run(ArithmeticSimplification().run(before)).description == """
        %0 = input "x" : f32[2]
        %1 = input "y" : f32[2]
        %2 = sub(%0, %1) : f32[2]
        %3 = constant 0.25 : f32[]
        %4 = mul(%2, %3) : f32[2]
        fetch %4

        """)
  }

  /// Each rule with the operators that it leaves.
  private func rules(_ x: Value, _ y: Value) -> [(value: Value, operators: [String])] {
    let mask = x .< y
    let never = g.constant(try! Tensor([false], shape: [1]))
    return [
      (x + -y, ["sub"]), (-x + y, ["sub"]), (x - -y, ["add"]), (-x * -y, ["mul"]), (-x / -y, ["div"]),
      (x * -1, ["neg"]), (-1 * x, ["neg"]), (x / -1, ["neg"]), (square(-x), ["square"]),
      (square(abs(x)), ["square"]), (abs(-x), ["abs"]), (abs(abs(x)), ["abs"]), (relu(relu(x)), ["relu"]),
      (sign(sign(x)), ["sign"]), (maximum(x, x), []), (minimum(x, x), []), (x + -0.0, []),
      (pow(x, g.constant(1, dtype: x.dtype)), []), (x / 8, ["mul"]), (x / 0x1p-100, ["mul"]),
      (select(mask, x, x), []), (select(never, y, x), []),
      (select(logicalNot(mask), x, y), ["less", "where"]),
      (cast(logicalNot(logicalNot(mask)), to: .float32), ["cast", "less"]),
      (cast(cast(x, to: .float64), to: .float32), []),
      (cast(cast(cast(x, to: .int32), to: .int64), to: .float32), ["cast", "cast"]),
    ]
  }

  @Test("each rule leaves the operators that it should, and the same bits of zeros, infinities and NaN")
  func bits() throws {
    let count = Self.numbers.count
    let feeds = [
      "x": try Tensor(Self.numbers.flatMap { Array(repeating: $0, count: count) }, shape: [count * count]),
      "y": try Tensor((0..<count).flatMap { _ in Self.numbers }, shape: [count * count]),
    ]
    let x = g.input("x", [count * count])
    let y = g.input("y", [count * count])
    for (number, rule) in rules(x, y).enumerated() {
      let before = try g.graph(fetching: [rule.value])
      let after = DeadCodeElimination().run(ArithmeticSimplification().run(before))
      let names = after.nodes.compactMap { $0.appliedOperator?.name }
      #expect(names.sorted() == rule.operators, "rule \(number)")
      let plain = try GraphInterpreter(before).run(feeding: feeds).fetches[0].elements(Float.self)
      let simple = try GraphInterpreter(after).run(feeding: feeds).fetches[0].elements(Float.self)
      let isSame = zip(plain, simple).allSatisfy {
        ($0.isNaN && $1.isNaN) || $0.bitPattern == $1.bitPattern
      }
      #expect(isSame, "rule \(number)")
    }
  }

  @Test("what changes a bit or a number stays")
  func others() throws {
    let x = g.input("x", [3])
    let n = g.input("n", [3], dtype: .int64)
    let values = [
      x + 0, 0 - x, -(x - 1), x * 0, x - x, x / 3, x / 0x1p127, 8 / x, pow(x, g.constant(2)), sqrt(square(x)),
      cast(cast(n, to: .int32), to: .int64), cast(cast(x, to: .int32), to: .float32),
      select(g.constant(try Tensor([true, false, true], shape: [3])), x, x * 2),
    ]
    let graph = try g.graph(fetching: values)
    #expect(ArithmeticSimplification().run(graph).description == graph.description)
  }

  @Test("a choice by a known mask is broadcast as before")
  func broadcastChoice() throws {
    let x = g.input("x", [3])
    let y = g.input("y", [2, 3])
    let always = g.constant(try Tensor([true, true], shape: [2, 1]))
    let result = DeadCodeElimination().run(
      ArithmeticSimplification().run(try g.graph(fetching: [select(always, x, y)])))
    #expect(
      result.description == """
        %0 = input "x" : f32[3]
        %1 = broadcast_to(%0) {shape: [2, 3]} : f32[2, 3]
        fetch %1

        """)
  }
}
