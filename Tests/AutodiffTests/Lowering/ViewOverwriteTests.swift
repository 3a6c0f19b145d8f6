import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

/// An operator may take over the bytes of its input through a view, and then its output has another shape than the
/// value whose bytes they were.
@Suite struct ViewOverwriteTests {
  @Test(arguments: [Granularity.default, .finest]) func anOutputOfAnotherRankTakesOverTheRoot(
    _ granularity: Granularity
  ) throws {
    let graph = GraphBuilder()
    let x = graph.input("x", [256, 512])
    let root = exp(x)
    let last = tanh(reshape(root, [4, 64, 512]))
    // A slow reader of the root, which is still at work when the other could begin.
    let view = reshape(root, [512, 256])
    let product = matmul(view, view, transposeB: true)
    let options = CompileOptions(granularity: granularity)
    let executable = try graph.compile(fetching: [sum(last), sum(product)], options: options)
    let feed = try Tensor((0..<256 * 512).map { Float($0 % 97) / 97 - 0.5 }, shape: [256, 512])
    let outputs = try executable.run(on: GraphExecutor(workers: 2), feeding: [x: feed])
    let expected = try GraphInterpreter(executable.graph).run(
      feeding: ["x": feed], states: [:])
    for (ours, theirs) in zip(outputs.tensors, expected.fetches) {
      #expect(try ours.isClose(to: theirs, absolute: 1e-6, relative: 1e-5))
    }
  }
}
