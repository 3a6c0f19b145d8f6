import Testing
import TributaryOps

@Suite struct IndexingTests {
  private func index(_ values: [Int], _ shape: Shape, wide: Bool) throws -> Tensor {
    wide ? try Tensor(values.map(Int64.init), shape: shape) : try Tensor(values.map(Int32.init), shape: shape)
  }

  private let table = try! Tensor((0..<12).map { Float($0) }, shape: [4, 3])

  @Test(arguments: [false, true])
  func embeds(wide: Bool) throws {
    let ids = try index([2, 0, 2, 3], [2, 2], wide: wide)
    let rows = try Evaluation.run(Embedding(), [table, ids])
    #expect(rows.shape == [2, 2, 3])
    #expect(try rows.elements(Float.self) == [6, 7, 8, 0, 1, 2, 6, 7, 8, 9, 10, 11])
    let dy = try Tensor((1...12).map { Float($0) }, shape: [2, 2, 3])
    let gradient = try Evaluation.run(EmbeddingGradient(rows: 4), [dy, ids])
    #expect(try gradient.elements(Float.self) == [4, 5, 6, 0, 0, 0, 1 + 7, 2 + 8, 3 + 9, 10, 11, 12])
    let sum = try Evaluation.run(EmbeddingGradient(rows: 4, accumulating: true), [dy, ids, table])
    #expect(try sum.elements(Float.self) == [4, 6, 8, 3, 4, 5, 14, 17, 20, 19, 21, 23])
  }

  @Test func repeatedRowsAreAddedInOrderOfPosition() throws {
    // In any other order the small numbers would survive.
    let dy = try Tensor([Float(1), 1e8, -1e8, 1], shape: [4, 1])
    let ids = try index([0, 0, 0, 0], [4], wide: true)
    #expect(try Evaluation.run(EmbeddingGradient(rows: 1), [dy, ids]).elements(Float.self) == [1])
  }

  @Test(arguments: [false, true])
  func selects(wide: Bool) throws {
    let rows = try Evaluation.run(IndexSelect(axis: 0), [table, try index([3, 1], [2], wide: wide)])
    #expect(try rows.elements(Float.self) == [9, 10, 11, 3, 4, 5])
    let columns = try Evaluation.run(
      IndexSelect(axis: 1), [table, try index([2, 2, 0, 1], [4], wide: wide)])
    #expect(try columns.elements(Float.self) == [2, 2, 0, 1, 5, 5, 3, 4, 8, 8, 6, 7, 11, 11, 9, 10])
    let none = try Evaluation.run(IndexSelect(axis: 1), [table, try index([], [0], wide: wide)])
    #expect(none.shape == [4, 0])
  }

  @Test(arguments: [false, true])
  func gathersAndScatters(wide: Bool) throws {
    let where0 = try index([3, 0, 1, 2, 2, 0], [2, 3], wide: wide)
    #expect(try Evaluation.run(Gather(axis: 0), [table, where0]).elements(Float.self) == [9, 1, 5, 6, 7, 2])
    let where1 = try index([2, 0, 0, 1, 1, 1], [3, 2], wide: wide)
    #expect(try Evaluation.run(Gather(axis: 1), [table, where1]).elements(Float.self) == [2, 0, 3, 4, 7, 7])
    let source = try Tensor((1...6).map { Float($0) }, shape: [3, 2])
    #expect(
      try Evaluation.run(ScatterAdd(axis: 1), [table, where1, source]).elements(Float.self)
        == [2, 1, 3, 6, 8, 5, 6, 7 + 5 + 6, 8, 9, 10, 11])
  }

  @Test(arguments: [-1, 4, 5_000_000_000])
  func indicesOutOfRangeAreFaultsBeforeAnythingIsWritten(bad: Int) throws {
    let ids = try index([0, bad], [2], wide: true)
    let matrix = try index([0, bad, 0], [1, 3], wide: true)
    let three = try Tensor([Float](repeating: 1, count: 3), shape: [1, 3])
    let dy = try Tensor([Float](repeating: 1, count: 6), shape: [2, 3])
    let cases: [(any Operator, [Tensor])] = [
      (Embedding(), [table, ids]), (EmbeddingGradient(rows: 4), [dy, ids]),
      (IndexSelect(axis: 0), [table, ids]),
      (Gather(axis: 0), [table, matrix]), (ScatterAdd(axis: 0), [table, matrix, three]),
    ]
    for (op, inputs) in cases {
      #expect(op.canFault)
      let fault = #expect(throws: KernelFault.self) { try Evaluation.run(op, inputs) }
      #expect(fault?.status == KernelStatus(.indexOutOfRange, detail: bad), "\(op)")
    }
  }

  @Test func mistakesAreNamed() {
    let (ids, type) = (TensorType(.int64, [2]), TensorType(.float32, [4, 3]))
    #expect(throws: ShapeError.self) { try Embedding().outputTypes(for: [type, TensorType(.float32, [2])]) }
    #expect(throws: ShapeError.self) { try Embedding().outputTypes(for: [TensorType(.float32, [4]), ids]) }
    #expect(throws: ShapeError.self) {
      try EmbeddingGradient(rows: -1).outputTypes(for: [TensorType(.float32, [2, 3]), ids])
    }
    #expect(throws: ShapeError.self) { try IndexSelect(axis: 2).outputTypes(for: [type, ids]) }
    #expect(throws: ShapeError.self) { try Gather(axis: 0).outputTypes(for: [type, ids]) }
    #expect(throws: ShapeError.self) {
      try Gather(axis: 0).outputTypes(for: [type, TensorType(.int64, [2, 4])])
    }
    #expect(throws: ShapeError.self) {
      try ScatterAdd(axis: 0).outputTypes(for: [type, TensorType(.int64, [2, 3]), type])
    }
  }
}
