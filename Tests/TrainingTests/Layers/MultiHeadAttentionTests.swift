import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler

@testable import TributaryTraining

@Suite(.serialized) struct MultiHeadAttentionTests {
  private func outputs(
    _ layer: MultiHeadAttention, _ x: Tensor, _ executor: GraphExecutor,
    change: (ParameterStore) throws -> Void
  ) throws -> [Float] {
    let builder = GraphBuilder()
    layer.declareParameters(in: builder)
    let input = builder.input("x", x.shape)
    let y = layer(input)
    let executable = try builder.compile(fetching: [y])
    let store = ParameterStore(executable, seed: 3)
    try change(store)
    return try executable.run(on: executor, store, feeding: [input: x])[y].elements(Float.self)
  }

  /// With maps that hand on what they get, every head attends to its own columns of x.
  @Test func headsAttendToTheirColumns() throws {
    let executor = try GraphExecutor(workers: 2)
    defer { executor.shutdown() }
    let layer = MultiHeadAttention(4, heads: 2, bias: false)
    // Queries and keys are zero: every time gets the mean of all values. Values are x.
    var projection = [Float](repeating: 0, count: 4 * 12)
    var output = [Float](repeating: 0, count: 16)
    for column in 0..<4 {
      projection[column * 12 + 8 + column] = 1
      output[column * 4 + column] = 1
    }
    let x = try Tensor((0..<12).map { Float($0) }, shape: [1, 3, 4])
    func maps(_ store: ParameterStore) throws {
      try store.setTensor(Tensor(projection, shape: [4, 12]), named: "projection/weight")
      try store.setTensor(Tensor(output, shape: [4, 4]), named: "output/weight")
    }
    let y = try outputs(layer, x, executor, change: maps)
    for index in y.indices { #expect(abs(y[index] - Float(4 + index % 4)) < 1e-5) }
    let causal = try outputs(
      MultiHeadAttention(4, heads: 2, causal: true, bias: false), x, executor, change: maps)
    for index in causal.indices { #expect(abs(causal[index] - Float(index / 4 * 2 + index % 4)) < 1e-5) }
  }

  @Test func parametersAreNamedByTheirPlaces() {
    let builder = GraphBuilder()
    let layer = MultiHeadAttention(6, heads: 3)
    layer.declareParameters(in: builder)
    #expect(
      builder.parameters.map(\.name) == [
        "projection/weight", "projection/bias", "output/weight", "output/bias",
      ])
    let mask = builder.input("mask", [5, 5], dtype: .bool)
    #expect(layer(builder.input("x", [2, 5, 6]), mask: mask).shape == [2, 5, 6])
    #expect(builder.issues.isEmpty)
  }
}
