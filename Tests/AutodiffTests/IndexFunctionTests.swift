import Testing
import TributaryOps

@testable import TributaryAutodiff

/// Functions of integers, truth values, order and triangles on a graph.
@Suite(.serialized) struct IndexFunctionTests {
  private func evaluate(
    _ tensors: [Tensor] = [], _ function: (GraphBuilder, [Value]) -> [Value]
  ) throws -> [Tensor] {
    let g = GraphBuilder()
    var feeds: [String: Tensor] = [:]
    let inputs = tensors.enumerated().map { index, tensor in
      feeds["x\(index)"] = tensor
      return g.input("x\(index)", tensor.shape, dtype: tensor.dtype)
    }
    let values = function(g, inputs)
    return try GraphInterpreter(try g.graph(fetching: values).simplified()).run(feeding: feeds).fetches
  }

  @Test func integersAreDividedDownwards() throws {
    let a = try Tensor([Int32(7), -7, 7, -7], shape: [4])
    let b = try Tensor([Int32(2), 2, -2, -2], shape: [4])
    let found = try evaluate([a, b]) { _, x in
      [
        floorDivide(x[0], x[1]), remainder(x[0], x[1]), x[0] % x[1], floorDivide(x[0], 3),
        remainder(x[0], -3), x[0] % 3,
      ]
    }
    let wanted: [[Int32]] = [
      [3, -4, -4, 3], [1, 1, -1, -1], [1, 1, -1, -1], [2, -3, 2, -3], [-2, -1, -2, -1], [1, 2, 1, 2],
    ]
    #expect(try found.map { try $0.elements(Int32.self) } == wanted)
  }

  @Test func aDivisionByZeroEndsTheRunAndNamesItsPlace() throws {
    let g = GraphBuilder()
    let a = g.input("a", [3, 4], dtype: .int64)
    let b = g.input("b", [3, 4], dtype: .int64)
    let counter = g.state("counter", TensorType(.int64, .scalar), initial: .constant(5))
    g.assign(counter, counter + 1)
    let line: UInt = #line + 1
    let y = g.scope("buckets") { floorDivide(a, b) }
    let executable = try g.compile(
      fetching: [y], updating: Update(), options: CompileOptions(granularity: .finest))
    let store = ParameterStore(executable, seed: 1)
    let numbers = try Tensor((0..<12).map { Int64($0) - 6 }, shape: [3, 4])
    for executor in Executors.all {
      let error = try #require(throws: RunError.self) {
        try executable.run(on: executor, store, feeding: [a: numbers, b: numbers])
      }
      #expect(error.code == .divisionByZero && error.operatorName == "buckets/floor_divide")
      #expect(error.message.contains("[1, 2]") && error.message.contains("i64[3, 4]"), "\(error)")
      #expect(error.source == "IndexFunctionTests.swift:\(line)")
      #expect(try store.tensor(named: "counter").scalar(Int64.self) == 5)
    }
    let ones = try Tensor([Int64](repeating: 1, count: 12), shape: [3, 4])
    let outputs = try executable.run(on: Executors.one, store, feeding: [a: numbers, b: ones])
    #expect(try outputs[y].elements(Int64.self) == numbers.elements())
    #expect(try store.tensor(named: "counter").scalar(Int64.self) == 6)
  }

  @Test func truthValues() throws {
    let a = try Tensor([true, false, true, true], shape: [2, 2])
    let b = try Tensor([true, true], shape: [2])
    let found = try evaluate([a, b]) { _, x in
      [
        logicalXor(x[0], x[1]), anyTrue(x[0], axes: [-1]), allTrue(x[0], axes: [1]), allTrue(x[0]),
        anyTrue(x[0]),
      ]
    }
    let wanted: [[Bool]] = [[false, true, false, false], [true, true], [false, true], [false], [true]]
    #expect(try found.map { try $0.elements(Bool.self) } == wanted)
    #expect(
      try evaluate([a]) { _, x in [anyTrue(x[0], axes: [0], keepDimensions: true)] }[0].shape == [1, 2])
  }

  @Test func sortsAndSelections() throws {
    let x = try Tensor([Float(3), 1, .nan, 1, 2, 5, 0, 5], shape: [2, 4])
    let found = try evaluate([x]) { _, x in
      let (values, indices) = sort(x[0])
      let (top, at) = topK(x[0], 2)
      return [
        values, indices, argsort(x[0], axis: 0, descending: true), top, at,
        topK(x[0], 1, largest: false).values,
      ]
    }
    let sorted = try found[0].elements(Float.self)
    #expect(Array(sorted[..<3]) == [1, 1, 3] && sorted[3].isNaN && Array(sorted[4...]) == [0, 2, 5, 5])
    #expect(try found[1].elements(Int64.self) == [1, 3, 0, 2, 2, 0, 1, 3])
    #expect(try found[2].elements(Int64.self) == [0, 1, 1, 1, 1, 0, 0, 0])
    #expect(try found[3].elements(Float.self) == [3, 1, 5, 5])
    #expect(try found[4].elements(Int64.self) == [0, 1, 1, 3])
    #expect(try found[5].elements(Float.self) == [1, 0])
  }

  @Test func rangesCount() throws {
    let found = try evaluate { g, _ in
      [
        g.arange(to: 5), g.arange(from: 2, to: -7, by: -3, dtype: .int32), g.arange(from: 3, to: 3),
        g.arange(from: 5, to: 1), g.iota([2, 3], axis: -1), g.iota([2, 3], axis: 0, dtype: .int32),
        g.arange(from: 2_147_483_640, to: 2_147_483_648, by: 7, dtype: .int32),
        g.arange(from: -1, to: 1, by: 0.4, dtype: .float64), g.arange(to: 1, by: 0.1, dtype: .float32),
      ]
    }
    #expect(try found[0].elements(Int64.self) == [0, 1, 2, 3, 4])
    #expect(try found[1].elements(Int32.self) == [2, -1, -4])
    #expect(found[2].shape == [0] && found[3].shape == [0])
    #expect(try found[4].elements(Int64.self) == [0, 1, 2, 0, 1, 2])
    #expect(try found[5].elements(Int32.self) == [0, 0, 0, 1, 1, 1])
    #expect(try found[6].elements(Int32.self) == [2_147_483_640, 2_147_483_647])
    #expect(try found[7].elements(Double.self) == (0..<5).map { -1 + Double($0) * 0.4 })
    #expect(try found[8].elements(Float.self) == (0..<10).map { Float(Double($0) * 0.1) })
  }

  @Test(arguments: [(4, 4), (3, 5), (5, 2), (1, 1), (0, 3)])
  func triangles(rows: Int, columns: Int) throws {
    let x = try Tensor((0..<rows * columns).map { Int32($0 + 1) }, shape: [rows, columns])
    for diagonal in [Int.min, -6, -1, 0, 1, 2, 6, Int.max] {
      let found = try evaluate([x]) { g, x in
        [
          g.triangularMask(rows: rows, columns: columns, diagonal: diagonal), tril(x[0], diagonal: diagonal),
          triu(x[0], diagonal: diagonal),
        ]
      }
      let places = (0..<rows).flatMap { row in (0..<columns).map { $0 - row } }
      let numbers = try x.elements(Int32.self)
      #expect(try found[0].elements(Bool.self) == places.map { $0 <= diagonal })
      #expect(try found[1].elements(Int32.self) == zip(places, numbers).map { $0 <= diagonal ? $1 : 0 })
      #expect(try found[2].elements(Int32.self) == zip(places, numbers).map { $0 >= diagonal ? $1 : 0 })
    }
  }

  @Test func causalMasksSeeThePast() throws {
    let found = try evaluate { g, _ in [g.causalMask(queries: 3), g.causalMask(queries: 2, keys: 4)] }
    #expect(
      try found[0].elements(Bool.self) == [true, false, false, true, true, false, true, true, true])
    #expect(try found[1].elements(Bool.self) == [true, true, true, false, true, true, true, true])
  }

  @Test func aClassOutsideGivesZeros() throws {
    let ids = try Tensor([Int64(1), -1, 3, .max], shape: [4])
    let found = try evaluate([ids]) { _, x in [oneHot(x[0], count: 3, dtype: .int32)] }
    #expect(try found[0].elements(Int32.self) == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  /// Malformed calls: what to build, the kind of mistake and words of its message.
  private static let mistakes: [(String, GraphError.Code, @Sendable (GraphBuilder) -> Value)] = [
    ("i32 or i64", .dtype, { g in floorDivide(g.input("a", [2]), g.input("b", [2])) }),
    ("i32 or i64", .dtype, { g in g.input("a", [2]) % 3 }),
    ("divisor is 0", .shape, { g in floorDivide(g.input("a", [2], dtype: .int32), 0) }),
    ("5000000000", .dtype, { g in remainder(g.input("a", [2], dtype: .int32), 5_000_000_000) }),
    ("[2], [3]", .shape, { g in g.input("a", [2], dtype: .int64) % g.input("b", [3], dtype: .int64) }),
    ("bool", .dtype, { g in anyTrue(g.input("a", [2])) }),
    ("no axis 3", .shape, { g in allTrue(g.input("a", [2], dtype: .bool), axes: [3]) }),
    ("bool", .dtype, { g in logicalXor(g.input("a", [2]), g.input("b", [2])) }),
    ("no axis -1", .shape, { g in sort(g.input("a", [])).indices }),
    ("no axis -3", .shape, { g in argsort(g.input("a", [2, 2]), axis: -3) }),
    ("0...2", .shape, { g in topK(g.input("a", [2]), 3).values }),
    ("0...2", .shape, { g in topK(g.input("a", [2]), -1).indices }),
    ("no axis 1", .shape, { g in g.iota([3], axis: 1) }),
    ("bool", .dtype, { g in g.iota([3], dtype: .bool) }),
    ("-1", .shape, { g in g.iota([-1]) }),
    ("no finite list", .shape, { g in g.arange(to: 3, by: 0) }),
    ("no finite list", .shape, { g in g.arange(to: .nan) }),
    ("no finite list", .shape, { g in g.arange(to: 1e300) }),
    ("whole numbers", .shape, { g in g.arange(to: 3, by: 0.5) }),
    ("whole numbers", .shape, { g in g.arange(from: 2e9, to: 3e9, by: 1e8, dtype: .int32) }),
    ("bool", .dtype, { g in g.arange(to: 3, dtype: .bool) }),
    ("at least two axes", .shape, { g in tril(g.input("a", [3])) }),
    ("at least two axes", .shape, { g in triu(g.input("a", [])) }),
    ("-2", .shape, { g in g.triangularMask(rows: -2, columns: 3) }),
    ("0...1", .shape, { g in dropout(g.input("a", [3]), rate: 2) }),
    ("0...1", .shape, { g in dropout(g.input("a", [3]), rate: -0.1, isTraining: false) }),
    ("0...1", .shape, { g in dropout(g.input("a", [3]), rate: .nan) }),
    ("f32 or f64", .dtype, { g in dropout(g.input("a", [3], dtype: .int64), rate: 0.5) }),
    ("i64[]", .dtype, { g in dropout(g.input("a", [3]), rate: 0.5, step: g.input("s", [])) }),
    ("i64[]", .shape, { g in g.randomNormal([2], step: g.input("s", [1], dtype: .int64)) }),
    ("f32 or f64", .dtype, { g in g.randomUniform([2], dtype: .int32) }),
    ("lower one first", .shape, { g in g.randomUniform([2], low: 1, high: 0) }),
    ("not negative", .shape, { g in g.randomNormal([2], deviation: -1) }),
    ("9 axes", .shape, { g in g.randomNormal([1, 1, 1, 1, 1, 1, 1, 1, 1]) }),
    ("positive", .shape, { g in oneHot(g.input("a", [2], dtype: .int64), count: 0) }),
    ("random_step", .duplicateName, { g in dropout(g.input("random_step", [3]), rate: 0.5) }),
  ]

  @Test(arguments: mistakes.indices)
  func mistakesAreRecorded(_ index: Int) throws {
    let (words, code, build) = IndexFunctionTests.mistakes[index]
    let g = GraphBuilder()
    let y = build(g)
    #expect(y.isPoisoned)
    let found = issues(of: g, fetching: [y])
    let first = try #require(found.first)
    #expect(first.code == code && first.message.contains(words), "\(first)")
  }
}
