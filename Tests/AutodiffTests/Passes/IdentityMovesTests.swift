import Testing
import TributaryOps

@testable import TributaryAutodiff

@Suite struct IdentityMovesTests {
  private let g = GraphBuilder()

  private func eliminated(_ graph: Graph) -> Graph {
    DeadCodeElimination().run(IdentityElimination().run(graph))
  }

  @Test("slices of slices and of parts, broadcasts of broadcasts, reductions of nothing")
  func goldenExample() throws {
    let x = g.input("x", [8, 1])
    let y = g.input("y", [4, 1])
    let values = [
      slice(slice(x, starts: [1], stops: [8], steps: [2]), axis: 0, 1..<3),
      slice(concat([x, y]), axis: 0, 9..<11), slice(concat([x, y]), axis: 0, 0..<8),
      broadcast(broadcast(y, to: [4, 3]), to: [2, 4, 3]), sum(y, axes: [1]), max(y, axes: [1]),
    ]
    #expect(
      eliminated(try g.graph(fetching: values)).description == """
        %0 = input "x" : f32[8, 1]
        %1 = input "y" : f32[4, 1]
        %2 = slice(%0) {starts: [3, 0], stops: [7, 1], steps: [2, 1]} : f32[2, 1]
        %3 = slice(%1) {starts: [1, 0], stops: [3, 1], steps: [1, 1]} : f32[2, 1]
        %4 = broadcast_to(%1) {shape: [2, 4, 3]} : f32[2, 4, 3]
        %5 = reshape(%1) {shape: [4]} : f32[4]
        %6 = reshape(%1) {shape: [4]} : f32[4]
        fetch %2
        fetch %3
        fetch %0
        fetch %4
        fetch %5
        fetch %6

        """)
  }

  @Test("what is cut apart and put together again is what it was")
  func rejoined() throws {
    let x = g.input("x", [6, 2])
    let parts = [0..<2, 2..<5, 5..<6].map { slice(x, axis: 0, $0) }
    let result = eliminated(try g.graph(fetching: [concat(parts), tanh(concat(parts.reversed()))]))
    #expect(result.fetches[0] == .value(ValueID(node: 0)))
    #expect(result.count("concat") == 1)
  }

  @Test("every cut of every cut has the same elements, steps of either sign included")
  func sameElements() throws {
    let x = g.input("x", [9, 4], dtype: .int64)
    let y = g.input("y", [5, 4], dtype: .int64)
    let joined = concat([x, y, x])
    var values: [Value] = []
    for (start, stop, step) in [(1, 9, 3), (8, 0, -2), (2, 8, 1), (0, 9, 4)] {
      let once = slice(x, starts: [start, 3], stops: [stop, 0], steps: [step, -1])
      values += [slice(once, axis: 0, 1..<3), flip(once, axes: [0, 1])]
      values.append(slice(joined, starts: [9 + start / 2], stops: [14], steps: [2]))
      values.append(slice(joined, axis: 0, 12..<16))
    }
    let graph = try g.graph(fetching: values)
    let result = eliminated(graph)
    let feeds = [
      "x": try Tensor((0..<36).map { Int64($0) }, shape: [9, 4]),
      "y": try Tensor((40..<60).map { Int64($0) }, shape: [5, 4]),
    ]
    let plain = try GraphInterpreter(graph).run(feeding: feeds).fetches
    let passed = try GraphInterpreter(result).run(feeding: feeds).fetches
    #expect(plain.map(\.bytes) == passed.map(\.bytes))
    #expect(result.count("slice") < graph.count("slice"))
  }
}
