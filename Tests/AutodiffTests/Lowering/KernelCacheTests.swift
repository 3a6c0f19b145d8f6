import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

@Suite struct KernelCacheTests {
  private let square = TensorType(.float32, [4, 4])

  @Test func equalUsesShareAKernel() throws {
    var cache = KernelCache()
    let product = Signature(inputs: [square, square], outputs: [square])
    let whole = Region(whole: square.shape)
    for _ in 0..<3 { _ = try cache.kernel(MatMul(), product, region: whole) }
    #expect(cache.madeCount == 1)
    _ = try cache.kernel(MatMul(transposeA: true), product, region: whole)
    _ = try cache.kernel(MatMul(), product, region: whole.replacing(axis: 0, with: 0..<2))
    #expect(cache.madeCount == 3)
    let wide = TensorType(.float64, [4, 4])
    _ = try cache.kernel(MatMul(), Signature(inputs: [wide, wide], outputs: [wide]), region: whole)
    #expect(cache.madeCount == 4)
  }

  @Test func operatorsThatCallBackDoNotShare() throws {
    var cache = KernelCache()
    let copy = Signature(inputs: [square], outputs: [square])
    for _ in 0..<2 { _ = try cache.kernel(Callback { true }, copy, region: Region(whole: square.shape)) }
    #expect(cache.madeCount == 2)
  }

  /// Equal as numbers, not as bits.
  @Test func zerosOfBothSignsAreDifferentFills() throws {
    let g = GraphBuilder()
    let type = TensorType(.float32, [2048])
    let fills = [0.0, -0.0].map { g.apply(Fill(type: type, value: $0), to: []) }.map { $0[0] }
    let executable = try g.compile(fetching: fills)
    let outputs = try executable.run(on: GraphExecutor(workers: 1)).tensors
    #expect(try outputs.map { try $0.elements(Float.self)[7].sign } == [.plus, .minus])
    #expect(OperatorIdentity(Fill(type: type, value: 0)) != OperatorIdentity(Fill(type: type, value: -0.0)))
    #expect(OperatorIdentity(Fill(type: type, value: 0)) == OperatorIdentity(Fill(type: type, value: 0)))
  }
}
