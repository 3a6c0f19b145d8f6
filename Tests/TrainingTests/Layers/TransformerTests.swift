import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler

@testable import TributaryTraining

@Suite(.serialized) struct TransformerTests {
  private func model(blocks: Int = 2, dtype: DType = .float64) -> LanguageModel {
    LanguageModel(vocabulary: 7, length: 5, width: 6, heads: 2, blocks: blocks, hidden: 8, dtype: dtype)
  }

  private func ids(_ shape: Shape, changing place: Int? = nil) throws -> Tensor {
    let elements = (0..<shape.elementCount).map { Int32(($0 * 3 + ($0 == place ? 1 : 0)) % 7) }
    return try Tensor(elements, shape: shape)
  }

  @Test func parametersAreNamedByTheirPlacesAndTheTableIsOne() {
    let builder = GraphBuilder()
    let model = model(blocks: 1)
    model.declareParameters(in: builder)
    #expect(
      builder.parameters.map(\.name) == [
        "embedding/table", "positions/table", "blocks/0/norm1/weight", "blocks/0/norm1/bias",
        "blocks/0/attention/projection/weight", "blocks/0/attention/projection/bias",
        "blocks/0/attention/output/weight", "blocks/0/attention/output/bias", "blocks/0/norm2/weight",
        "blocks/0/norm2/bias", "blocks/0/expansion/weight", "blocks/0/expansion/bias",
        "blocks/0/contraction/weight", "blocks/0/contraction/bias", "norm/weight", "norm/bias",
      ])
    #expect(model(builder.input("ids", [3, 5], dtype: .int32)).shape == [3, 5, 7])
    #expect(builder.parameters.count == 16 && builder.issues.isEmpty)
  }

  @Test func shorterTextsTakeTheFirstPositions() {
    let builder = GraphBuilder()
    #expect(model()(builder.input("ids", [3, 2], dtype: .int64)).shape == [3, 2, 7])
    #expect(builder.issues.isEmpty)
  }

  @Test func wrongShapesAreRecordedNotTrapped() {
    let builder = GraphBuilder()
    let block = TransformerBlock(6, heads: 2)
    let wrong = [
      model()(builder.input("long", [3, 6], dtype: .int32)),
      model()(builder.input("flat", [3], dtype: .int32)),
      model()(builder.input("deep", [3, 2, 2], dtype: .int32)), model()(builder.input("real", [3, 5])),
      LearnedPositions(4, 6)(builder.input("x", [4, 6])),
      LearnedPositions(4, 6)(builder.input("z", [2, 4, 5])),
      block(builder.input("a", [3, 6])), block(builder.input("b", [3, 4, 5])),
      TransformerBlock(6, heads: 4)(builder.input("c", [3, 4, 6])),
      TransformerBlock(6, heads: 2, hidden: -1)(builder.input("d", [3, 4, 6])),
      TokenEmbedding(7, 6).scores(of: builder.input("e", [3, 5])),
    ]
    #expect(wrong.allSatisfy { $0.isPoisoned })
    #expect(builder.issues.count >= wrong.count, "\(builder.issues)")
  }

  /// A block by its formula, of layers that are tested by themselves.
  @Test func aBlockIsItsFormula() throws {
    let executor = try GraphExecutor(workers: 2)
    defer { executor.shutdown() }
    let block = TransformerBlock(6, heads: 2, causal: true)
    let builder = GraphBuilder()
    block.declareParameters(in: builder)
    let x = builder.input("x", [2, 4, 6])
    let h = x + block.attention(block.norm1(x))
    let u = block.expansion(block.norm2(h))
    let cubic = 0.797_884_560_802_865_4 * (u + 0.044715 * (u * u * u))
    let want = h + block.contraction(0.5 * u * (1 + tanh(cubic)))
    let got = block(x)
    #expect(block.expansion.weight.type.shape == [6, 24])
    let executable = try builder.compile(fetching: [got, want])
    let point = try Tensor((0..<48).map { Float(($0 * 5) % 13) / 6 - 1 }, shape: [2, 4, 6])
    let results = try executable.run(
      on: executor, ParameterStore(executable, seed: 3), feeding: [x: point])
    let pairs = zip(try results[got].elements(Float.self), try results[want].elements(Float.self))
    for (a, b) in pairs { #expect(abs(a - b) < 2e-6 * Swift.max(1, abs(b))) }
  }

  @Test func laterTokensChangeNoEarlierScore() throws {
    let executor = try GraphExecutor(workers: 2)
    defer { executor.shutdown() }
    let builder = GraphBuilder()
    let input = builder.input("ids", [1, 5], dtype: .int32)
    let y = model(dtype: .float32)(input)
    let executable = try builder.compile(fetching: [y])
    let store = ParameterStore(executable, seed: 3)
    func scores(_ ids: Tensor) throws -> [Float] {
      try executable.run(on: executor, store, feeding: [input: ids])[y].elements(Float.self)
    }
    let before = try scores(ids([1, 5]))
    let after = try scores(ids([1, 5], changing: 3))
    #expect(Array(before[..<21]) == Array(after[..<21]))
    for time in 3..<5 { #expect(before[(time * 7)..<(time * 7 + 7)] != after[(time * 7)..<(time * 7 + 7)]) }
    // The first two times are of one token each; only their positions and pasts differ.
    let same = try scores(Tensor([2, 2, 2, 2, 2] as [Int32], shape: [1, 5]))
    #expect(same[0..<7] != same[7..<14])
  }

  /// Covers the table's two uses, positions, both maps, and the causal attention.
  @Test(arguments: [[2, 5], [2, 3]]) func gradientsEqualDifferences(shape: [Int]) throws {
    let executor = try GraphExecutor(workers: 2)
    defer { executor.shutdown() }
    let worst = try LayerGradients(model(blocks: 1), at: ids(Shape(shape)), on: executor).largestError()
    #expect(worst.error < 1e-7, "\(worst)")
  }

  /// The loss and the share of right answers count every time of every sample.
  @Test func everyTimeIsAnAnswer() throws {
    let executor = try GraphExecutor(workers: 2)
    defer { executor.shutdown() }
    let objective = Objective(
      model(dtype: .float32), input: [5], dtype: .int32, loss: .softmaxCrossEntropy)
    let trainer = try Trainer(
      objective, batchSize: 4, optimizer: Adam(learningRate: 0.02), executor: executor, seed: 1)
    // A cycle of seven: what comes next follows from each token alone.
    let cycle = (0..<20).map { sample in (0..<6).map { Int32((sample * 2 + $0 * 3) % 7) } }
    let samples = try TensorDataSet([
      Tensor(cycle.flatMap { $0.dropLast() }, shape: [20, 5]),
      Tensor(cycle.flatMap { $0.dropFirst() }, shape: [20, 5]),
    ])
    let before = try trainer.evaluate(over: samples.batches(of: 4))
    #expect(try #require(before.accuracy) < 0.6 && before.samples == 20)
    for epoch in 1...30 { try trainer.runEpoch(over: samples.shuffled(seed: 1, epoch: epoch).batches(of: 4)) }
    let after = try trainer.evaluate(over: samples.batches(of: 4))
    #expect(after.accuracy == 1 && after.loss < 0.1 && before.loss > 1.5)
  }
}
