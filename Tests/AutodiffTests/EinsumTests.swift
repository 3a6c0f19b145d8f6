import Testing
import TributaryOps

@testable import TributaryAutodiff

/// Values of Einstein's sum against the definition, element by element.
@Suite struct EinsumTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let equation: String
    let shapes: [Shape]
    /// The equation with a letter for every axis and an arrow.
    let plain: String
    var testDescription: String { "\(equation) \(shapes)" }

    init(_ equation: String, _ shapes: [Shape], as plain: String? = nil) {
      (self.equation, self.shapes, self.plain) = (equation, shapes, plain ?? equation)
    }
  }

  static let examples: [Example] = [
    Example("ij,jk->ik", [[3, 4], [4, 2]]), Example("ij,jk", [[3, 4], [4, 2]], as: "ij,jk->ik"),
    Example("kj,ji", [[3, 4], [4, 2]], as: "kj,ji->ik"), Example("ij,jk->ki", [[3, 4], [4, 2]]),
    Example("ji,jk->ik", [[4, 3], [4, 2]]), Example("ji,kj->ki", [[4, 3], [2, 4]]),
    Example("bij,bjk->bik", [[2, 3, 4], [2, 4, 5]]),
    Example("bqhd,bkhd->bhqk", [[2, 3, 2, 4], [2, 5, 2, 4]]),
    Example("abc,cd->abd", [[2, 3, 4], [4, 5]]), Example("ij,ij->", [[3, 4], [3, 4]]),
    Example("bi,bi->b", [[3, 4], [3, 4]]), Example("i,j->ij", [[3], [4]]), Example("i,j->ji", [[3], [4]]),
    Example("bi,bj->bij", [[2, 3], [2, 4]]), Example("bi,b->bi", [[2, 3], [2]]),
    Example("b,ib->bi", [[2], [3, 2]]),
    Example("ii->i", [[4, 4]]), Example("ii", [[4, 4]], as: "ii->"), Example("iii->i", [[3, 3, 3]]),
    Example("iji->j", [[3, 2, 3]]), Example("iijj->ij", [[2, 2, 3, 3]]), Example("ii,i->", [[3, 3], [3]]),
    Example("ij->ji", [[3, 4]]), Example("ijk->j", [[2, 3, 4]]), Example("ij->", [[3, 4]]),
    Example("->", [[]]),
    Example(",i->i", [[], [3]]), Example("i,j->", [[3], [4]]),
    Example("bi,ij,bj->b", [[2, 3], [3, 4], [2, 4]]),
    Example("ij,jk,kl,lm->im", [[2, 9], [9, 3], [3, 8], [8, 2]]),
    Example("a,b,c,d,e->ecabd", [[2], [3], [2], [1], [2]]),
    Example("ij,ij,ij->i", [[3, 4], [3, 4], [3, 4]]),
    Example(" i j , j k -> i k ", [[3, 4], [4, 2]], as: "ij,jk->ik"),
    Example("Ab,bC", [[2, 3], [3, 4]], as: "Ab,bC->AC"),
    Example("...ij,...jk->...ik", [[2, 3, 4], [2, 4, 5]], as: "bij,bjk->bik"),
    Example("...ij,...jk", [[2, 5, 3, 4], [5, 4, 2]], as: "abij,bjk->abik"),
    Example("i...->...", [[3, 4]], as: "ib->b"), Example("...->", [[3, 4]], as: "ab->"),
    Example("i...", [[3, 4]], as: "ia->ai"),
    Example("ij,jk->ik", [[3, 4], [1, 2]]), Example("ij,ij->ij", [[1, 4], [3, 1]]),
    Example("ij,j->i", [[3, 1], [4]]),
    Example("...i,...i->...", [[2, 1, 3], [4, 3]], as: "abi,bi->ab"),
    Example("ij,jk->ik", [[3, 0], [0, 2]]),
    Example("ij,jk->ik", [[0, 3], [3, 2]]), Example("ii->i", [[0, 0]]), Example("i->i", [[5]]),
    Example("ij,jk->ik", [[1, 1], [1, 1]]),
  ]

  @Test(arguments: examples)
  func followsTheDefinition(_ example: Example) throws {
    var numbers = Numbers(seed: 5)
    let g = GraphBuilder()
    var feeds: [String: Tensor] = [:]
    let inputs = try example.shapes.enumerated().map { index, shape in
      feeds["x\(index)"] = try numbers.tensor(shape)
      return g.input("x\(index)", shape, dtype: .float64)
    }
    let y = einsum(example.equation, inputs)
    let result = try GraphInterpreter(try g.graph(fetching: [y])).run(feeding: feeds).fetches[0]
    let (want, shape) = try definition(example, example.shapes.indices.compactMap { feeds["x\($0)"] })
    #expect(result.shape == shape)
    let got = try result.elements(Double.self)
    #expect(zip(got, want).allSatisfy { abs($0 - $1) < 1e-12 }, "\(got) instead of \(want)")
  }

  /// The sum over all values of all letters, with nothing clever; axes of length 1 are stretched.
  private func definition(_ example: Example, _ tensors: [Tensor]) throws -> ([Double], Shape) {
    let sides = example.plain.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    let terms = sides[0].filter { !$0.isWhitespace }.split(separator: ",", omittingEmptySubsequences: false)
      .map(Array.init)
    let output = sides[1].dropFirst().filter { !$0.isWhitespace }.map { $0 }
    var lengths: [Character: Int] = [:]
    for (term, tensor) in zip(terms, tensors) {
      for (letter, length) in zip(term, tensor.shape) {
        lengths[letter] = Swift.max(lengths[letter] ?? 0, length == 1 ? (lengths[letter] ?? 1) : length)
      }
      for (letter, length) in zip(term, tensor.shape) where length == 0 { lengths[letter] = 0 }
    }
    let summed = lengths.keys.filter { !output.contains($0) }.sorted()
    let letters = output + summed
    let shape = Shape(output.map { lengths[$0] ?? 1 })
    let elements = try tensors.map { try $0.elements(Double.self) }
    var result = [Double](repeating: 0, count: shape.elementCount)
    let all = Shape(letters.map { lengths[$0] ?? 1 })
    let inner = summed.reduce(1) { $0 * (lengths[$1] ?? 1) }
    for position in 0..<all.elementCount {
      var rest = position
      var index: [Character: Int] = [:]
      for (letter, length) in zip(letters, all).reversed() {
        index[letter] = rest % length
        rest /= length
      }
      var product = 1.0
      for (operand, term) in terms.enumerated() {
        let own = tensors[operand].shape
        let place = zip(term, own).enumerated().reduce(0) { sum, axis in
          sum + (axis.element.1 == 1 ? 0 : index[axis.element.0] ?? 0) * own.strides[axis.offset]
        }
        product *= elements[operand][place]
      }
      result[position / inner] += product
    }
    return (result, shape)
  }

  /// What a graph consists of, without inputs.
  private func operators(_ equation: String, _ shapes: [Shape]) throws -> [String] {
    let g = GraphBuilder()
    let inputs = shapes.enumerated().map { g.input("x\($0.offset)", $0.element) }
    return try g.graph(fetching: [einsum(equation, inputs)]).nodes.compactMap { node in
      if case .apply(let applied) = node.kind { applied.name } else { nil }
    }
  }

  @Test("transpositions that a product of matrices takes for nothing are left to it")
  func leavesTranspositionsToProducts() throws {
    #expect(try operators("ij,jk->ik", [[3, 4], [4, 2]]) == ["matmul"])
    #expect(try operators("ji,kj->ik", [[4, 3], [2, 4]]) == ["matmul"])
    #expect(try operators("ij,jk->ki", [[3, 4], [4, 2]]) == ["matmul"])
    #expect(try operators("bij,bkj->bik", [[2, 3, 4], [2, 5, 4]]) == ["matmul"])
    #expect(try operators("bi,b->bi", [[2, 3], [2]]) == ["reshape", "mul"])
  }

  @Test("the cheaper product comes first")
  func ordersProducts() throws {
    func work(_ shapes: [Shape]) throws -> Double {
      let g = GraphBuilder()
      let inputs = shapes.enumerated().map { g.input("x\($0.offset)", $0.element) }
      let graph = try g.graph(fetching: [einsum("ij,jk,kl->il", inputs)])
      var flops = 0.0
      for node in graph.nodes {
        guard case .apply(let applied) = node.kind else { continue }
        let types = node.inputs.map { graph.nodes[$0.node].outputs[$0.output] }
        flops += applied.cost(Signature(inputs: types, outputs: node.outputs)).flops
      }
      return flops
    }
    #expect(try work([[1, 100], [100, 100], [100, 100]]) == 2 * (1e4 + 1e4))
    #expect(try work([[100, 100], [100, 100], [100, 1]]) == 2 * (1e4 + 1e4))
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let equation: String
    let shapes: [Shape]
    let words: String
    var testDescription: String { equation }

    init(_ equation: String, _ shapes: [Shape], _ words: String) {
      (self.equation, self.shapes, self.words) = (equation, shapes, words)
    }
  }

  static let mistakes: [Mistake] = [
    Mistake("ij,jk->ik", [[3, 4]], "takes 2 operands"),
    Mistake("ij->ij->ij", [[3, 4]], "more than one arrow"),
    Mistake("i", [[3, 4]], "names 1 axes"),
    Mistake("ijk->i", [[3, 4]], "names 3 axes"),
    Mistake("ij->k", [[3, 4]], "in no operand"),
    Mistake("ij->ii", [[3, 4]], "twice in its result"),
    Mistake("i1->i", [[3, 4]], "“1”"),
    Mistake("......i->i", [[3, 4]], "“.”"),
    Mistake("ij,jk->ik", [[3, 4], [5, 2]], "j stands for lengths 4 and 5"),
    Mistake("ii->i", [[3, 4]], "i stands for lengths 3 and 4"),
    Mistake("ii->i", [[3, 1]], "a diagonal needs equal ones"),
    Mistake("é->é", [[3]], "“é”"),
    Mistake("", [[3]], "names 0 axes"),
    Mistake("...i,...i->...", [[2, 3], [4, 3]], "axis -1 of the ellipsis"),
    Mistake("abcd,efghi->abcdefghi", [[1, 2, 2, 2], [2, 2, 2, 2, 2]], "at most 8"),
  ]

  @Test("mistakes name the term", arguments: mistakes)
  func mistakesAreNamed(_ mistake: Mistake) {
    let g = GraphBuilder()
    let inputs = mistake.shapes.enumerated().map { g.input("x\($0.offset)", $0.element) }
    let error = #expect(throws: GraphError.self) { try g.graph(fetching: [einsum(mistake.equation, inputs)]) }
    #expect(error?.description.contains(mistake.words) == true, "\(error?.description ?? "")")
  }

  @Test("integers and mixed types are told apart, and no operand at all is a mistake")
  func wrongTypes() {
    let g = GraphBuilder()
    let x = g.input("x", [3], dtype: .int64)
    let y = g.input("y", [3], dtype: .float64)
    let z = g.input("z", [3])
    for operands in [[x, x], [y, z]] {
      let error = #expect(throws: GraphError.self) { try g.graph(fetching: [einsum("i,i", operands)]) }
      #expect(error?.description.contains("all operands alike") == true)
    }
    #expect(throws: GraphError.self) { try GraphBuilder().graph(fetching: [einsum("", [])]) }
  }
}
