import Testing
import TributaryOps

@testable import TributaryAutodiff

@Suite struct TransposeAbsorptionTests {
  private let g = GraphBuilder()

  private func absorbed(_ graph: Graph) -> Graph {
    DeadCodeElimination().run(TransposeAbsorption().run(graph))
  }

  @Test("a product takes in a transpose, also from behind an elementwise operator")
  func goldenExample() throws {
    let a = g.input("a", [2, 3])
    let w = g.input("w", [4, 3])
    let before = try g.graph(fetching: [matmul(a, relu(transpose(w)))])
    #expect(
      before.description == """
        %0 = input "a" : f32[2, 3]
        %1 = input "w" : f32[4, 3]
        %2 = transpose(%1) {permutation: [1, 0]} : f32[3, 4]
        %3 = relu(%2) : f32[3, 4]
        %4 = matmul(%0, %3) : f32[2, 4]
        fetch %4

        """)
    #expect(
      absorbed(before).description == """
        %0 = input "a" : f32[2, 3]
        %1 = input "w" : f32[4, 3]
        %2 = relu(%1) : f32[4, 3]
        %3 = matmul(%0, %2) {transpose_b: true} : f32[2, 4]
        fetch %3

        """)
  }

  @Test("a product that is read swapped is computed swapped")
  func swappedProduct() throws {
    let a = g.input("a", [5, 2, 3])
    let b = g.input("b", [5, 4, 3])
    let y = transpose(matmul(a, b, transposeB: true), permutation: [0, 2, 1])
    #expect(
      absorbed(try g.graph(fetching: [y])).description == """
        %0 = input "a" : f32[5, 2, 3]
        %1 = input "b" : f32[5, 4, 3]
        %2 = matmul(%1, %0) {transpose_b: true} : f32[5, 4, 2]
        fetch %2

        """)
  }

  @Test("a transpose and its inverse meet behind elementwise operators; scalars stay")
  func inverse() throws {
    let x = g.input("x", [2, 3, 4])
    let y = g.input("y", [2, 3, 4])
    let turned = [x, y].map { transpose($0, permutation: [2, 0, 1]) }
    let z = transpose(tanh(turned[0] * 2) + turned[1], permutation: [1, 2, 0])
    #expect(absorbed(try g.graph(fetching: [z])).count("transpose") == 0)
  }

  @Test("axes of length 1 move without moving anything")
  func unitAxes() throws {
    let x = g.input("x", [2, 1, 3])
    let y = g.input("y", [3, 4])
    let moved = transpose(x, permutation: [1, 0, 2])
    let back = transpose(reshape(transpose(y), [4, 1, 3, 1]), permutation: [1, 2, 3, 0])
    let result = absorbed(try g.graph(fetching: [moved, back]))
    #expect(
      result.description == """
        %0 = input "x" : f32[2, 1, 3]
        %1 = input "y" : f32[3, 4]
        %2 = reshape(%0) {shape: [1, 2, 3]} : f32[1, 2, 3]
        %3 = reshape(%1) {shape: [1, 3, 1, 4]} : f32[1, 3, 1, 4]
        fetch %2
        fetch %3

        """)
  }

  @Test(
    "transposes stay where somebody reads them, where axes do not match, and where operands are broadcast")
  func others() throws {
    let a = g.input("a", [2, 3])
    let square = g.input("s", [2, 2, 2])
    let read = transpose(matmul(a, a, transposeB: true))
    let shared = matmul(a, a, transposeB: true)
    let values = [
      relu(transpose(a)), transpose(transpose(a) + g.constant(try Tensor([Float(1), 2], shape: [2]))),
      transpose(shared), shared, matmul(transpose(square, permutation: [1, 0, 2]), square),
      transpose(reshape(transpose(a), [2, 3])), read * 3,
    ]
    let graph = try g.graph(fetching: values)
    #expect(graph.count("transpose") == 8)
    #expect(absorbed(graph).count("transpose") == 7)
  }

  @Test("operators that know axes stay between a transpose and its inverse")
  func axes() throws {
    let x = g.input("x", [2, 3, 4])
    let turned = transpose(x, permutation: [2, 0, 1])
    let values = [
      softmax(turned, axis: 0), cumulativeSum(turned, axis: 1), flip(turned, axes: [2]),
      reflectPad(slice(turned, axis: 0, 1..<4), [(1, 0), (0, 0), (0, 0)]),
    ].map { transpose($0, permutation: [1, 2, 0]) }
    let graph = try g.graph(fetching: values)
    let result = graph.simplified()
    #expect(result.count("transpose") == 5)
    let feeds = ["x": try Model.noise([2, 3, 4], stream: 1)]
    let plain = try GraphInterpreter(graph).run(feeding: feeds).fetches
    let passed = try GraphInterpreter(result).run(feeding: feeds).fetches
    #expect(plain.map(\.bytes) == passed.map(\.bytes))
  }

  @Test("with and without: the same numbers, at every form of operand", arguments: [1, 2, 5])
  func sameNumbers(_ rows: Int) throws {
    let a = g.input("a", [3, 4, rows], dtype: .float64)
    let b = g.input("b", [3, 6, 4], dtype: .float64)
    let turned = transpose(a, permutation: [0, 2, 1])
    let values = [
      matmul(turned, transpose(b, permutation: [0, 2, 1])),
      matmul(tanh(turned), transpose(b, permutation: [0, 2, 1]) * 0.5),
      transpose(matmul(b, a), permutation: [0, 2, 1]),
      matmul(b, transpose(turned, permutation: [0, 2, 1]), transposeB: false),
    ]
    let loss = values.map { sum(square($0)) }.reduce(g.constant(0, dtype: .float64), +)
    let graph = try g.graph(fetching: values + g.gradients(of: loss, withRespectTo: [a, b]).all)
    let result = graph.simplified()
    #expect(graph.count("transpose") > 8 && result.count("transpose") <= 2, "\(result)")
    let feeds = [
      "a": try Model.noise([3, 4, rows], .float64, stream: 1, deviation: 1),
      "b": try Model.noise([3, 6, 4], .float64, stream: 2, deviation: 1),
    ]
    let plain = try GraphInterpreter(graph).run(feeding: feeds).fetches
    let passed = try GraphInterpreter(result).run(feeding: feeds).fetches
    for (x, y) in zip(plain, passed) {
      let isClose = try y.isClose(to: x, absolute: 1e-13, relative: 1e-12)
      #expect(isClose)
    }
  }
}
