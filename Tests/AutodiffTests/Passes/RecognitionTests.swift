import Testing
import TributaryOps

@testable import TributaryAutodiff

@Suite struct RecognitionTests {
  private let g = GraphBuilder()

  private func noise(_ shape: Shape, _ stream: UInt64) throws -> Tensor {
    try Model.noise(shape, .float64, stream: stream, deviation: 1)
  }

  /// How an attention may be written out.
  enum Form: String, CaseIterable {
    case plain, scaled, divided, causal, causalMask, masked, added, transposed
  }

  private func written(_ form: Form, _ q: Value, _ k: Value, _ v: Value) throws -> Value {
    let (queries, keys) = (q.shape[q.rank - 2], k.shape[k.rank - 2])
    let builder = q.builder
    let nothing = builder.constant(-.infinity, dtype: q.dtype)
    let scores = matmul(q, k, transposeB: true)
    let scaled = scores * 0.25
    let weights =
      switch form {
      case .plain: scores
      case .scaled: scaled
      case .divided: scores / 3
      case .causal:
        select(
          builder.iota([queries, keys], axis: 1) .<= builder.iota([queries, keys], axis: 0), scaled, nothing)
      case .causalMask: select(builder.causalMask(queries: queries, keys: keys), scaled, nothing)
      case .masked:
        select(
          builder.constant(try Tensor((0..<keys).map { $0 != 1 }, shape: [1, keys])), scaled, nothing)
      case .added:
        scaled
          + builder.constant(
            try Tensor((0..<queries * keys).map { Double($0 % 5) / 3 }, shape: [queries, keys]))
      case .transposed:
        matmul(q, transpose(k, permutation: [0, 2, 1])) * 0.5
      }
    return matmul(softmax(weights), v)
  }

  @Test("written-out attention is the operator, with its mask and scale")
  func goldenAttention() throws {
    let q = g.input("q", [2, 3, 4])
    let k = g.input("k", [2, 3, 4])
    let v = g.input("v", [2, 3, 5])
    let before = try g.graph(fetching: [try written(.scaled, q, k, v)])
    #expect(
      before.description == """
        %0 = input "q" : f32[2, 3, 4]
        %1 = input "k" : f32[2, 3, 4]
        %2 = input "v" : f32[2, 3, 5]
        %3 = matmul(%0, %1) {transpose_b: true} : f32[2, 3, 3]
        %4 = constant 0.25 : f32[]
        %5 = mul(%3, %4) : f32[2, 3, 3]
        %6 = softmax(%5) {axis: 2} : f32[2, 3, 3]
        %7 = matmul(%6, %2) : f32[2, 3, 5]
        fetch %7

        """)
    #expect(
      DeadCodeElimination().run(AttentionRecognition().run(before)).description == """
        %0 = input "q" : f32[2, 3, 4]
        %1 = input "k" : f32[2, 3, 4]
        %2 = input "v" : f32[2, 3, 5]
        %3 = attention(%0, %1, %2) {causal: false, scale: 0.25} : f32[2, 3, 5], f32[2, 3]
        fetch %3.0

        """)
  }

  @Test("a triangular mask is the causal form, another is a mask", arguments: [3, 40])
  func masks(_ length: Int) throws {
    let q = g.input("q", [2, length, 4], dtype: .float64)
    for (form, isCausal) in [(Form.causal, true), (.causalMask, true), (.masked, false)] {
      let graph = try g.graph(fetching: [try written(form, q, q, q)]).simplified()
      let attention = try #require(graph.nodes.last { $0.appliedOperator is Attention })
      #expect((attention.appliedOperator as? Attention)?.form.isCausal == isCausal)
      #expect(attention.inputs.count == (isCausal ? 3 : 4))
    }
  }

  @Test(
    "attention and its gradients are recognised in every form, and are the same numbers",
    arguments: Form.allCases)
  func attention(_ form: Form) throws {
    let builder = GraphBuilder()
    let q = builder.input("q", [2, 6, 4], dtype: .float64)
    let k = builder.input("k", [2, 6, 4], dtype: .float64)
    let v = builder.input("v", [2, 6, 5], dtype: .float64)
    let y = try written(form, q, k, v)
    let loss = sum(sin(y))
    let feeds = ["q": try noise([2, 6, 4], 1), "k": try noise([2, 6, 4], 2), "v": try noise([2, 6, 5], 3)]
    for wanted in [[q, k, v], [q], [v], []] {
      let graph = try builder.graph(
        fetching: [y] + builder.gradients(of: loss, withRespectTo: wanted).all)
      let simplified = graph.simplified()
      #expect(simplified.count("softmax") == 0 && simplified.count("attention") == 1, "\(simplified)")
      #expect(simplified.count("attention_gradient") == (wanted.isEmpty ? 0 : 1))
      let plain = try GraphInterpreter(graph).run(feeding: feeds).fetches
      for (a, b) in zip(plain, try GraphInterpreter(simplified).run(feeding: feeds).fetches) {
        let isClose = try b.isClose(to: a, absolute: 1e-13, relative: 1e-11)
        #expect(isClose)
      }
    }
  }

  @Test("where scores or probabilities are needed, all stays written out")
  func needed() throws {
    let q = g.input("q", [2, 3, 4])
    let v = g.input("v", [2, 3, 5])
    let scores = matmul(q, q, transposeB: true)
    let weights = softmax(scores)
    let y = matmul(weights, v)
    let mask = g.input("mask", [3, 3])
    let masked = matmul(softmax(scores + mask), v)
    let values = [
      [y, weights], [y, scores], [y + sum(weights)], [matmul(softmax(scores, axis: 1), v)],
      [matmul(softmax(scores), v, transposeB: false), softmax(scores * 2)],
      [g.gradients(of: sum(masked), withRespectTo: [mask])[mask]],
      [matmul(softmax(q), q, transposeB: true)],
    ]
    for value in values { #expect(try g.graph(fetching: value).simplified().count("attention") == 0) }
  }

  @Test("a logarithm of a softmax, and what is gathered from it, with gradients")
  func entropy() throws {
    let x = g.input("x", [4, 5], dtype: .float64)
    let classes = g.input("classes", [4], dtype: .int64)
    let logarithms = log(softmax(x, axis: 1))
    let loss = negativeLogLikelihood(logarithms, classes)
    let picked = gather(logSoftmax(x * 2, axis: 1), reshape(classes, [4, 1]), axis: 1)
    let total = loss - sum(picked * picked)
    let graph = try g.graph(fetching: [loss, total, g.gradients(of: total, withRespectTo: [x])[x]])
    let simplified = graph.simplified()
    #expect(simplified.count("cross_entropy") == 2 && simplified.count("cross_entropy_gradient") == 2)
    for name in ["softmax", "log_softmax", "log", "gather", "scatter_add"] {
      #expect(simplified.count(name) == 0, "\(name)")
    }
    let feeds = ["x": try noise([4, 5], 1), "classes": try Tensor([Int64(3), 0, 4, 3], shape: [4])]
    let plain = try GraphInterpreter(graph).run(feeding: feeds).fetches
    for (a, b) in zip(plain, try GraphInterpreter(simplified).run(feeding: feeds).fetches) {
      let isClose = try b.isClose(to: a, absolute: 1e-14, relative: 1e-12)
      #expect(isClose)
    }
  }

  @Test("cross entropy as a graph")
  func goldenEntropy() throws {
    let x = g.input("x", [4, 5])
    let classes = g.input("classes", [4, 1], dtype: .int64)
    let loss = -gather(log(softmax(x, axis: 1)), classes, axis: 1)
    #expect(
      try g.graph(fetching: [loss]).simplified().description == """
        %0 = input "x" : f32[4, 5]
        %1 = input "classes" : i64[4, 1]
        %2 = reshape(%1) {shape: [4]} : i64[4]
        %3 = cross_entropy(%0, %2) {reduction: none} : f32[4]
        %4 = reshape(%3) {shape: [4, 1]} : f32[4, 1]
        fetch %4

        """)
  }

  @Test("small probabilities, and softmaxes and logarithms that others read")
  func limits() throws {
    let x = g.input("x", [1, 2])
    let feeds = ["x": try Tensor([Float(0), 200], shape: [1, 2])]
    let graph = try g.graph(fetching: [log(softmax(x))])
    #expect(try GraphInterpreter(graph).run(feeding: feeds).fetches[0].doubles == [-.infinity, 0])
    #expect(try GraphInterpreter(graph.simplified()).run(feeding: feeds).fetches[0].doubles == [-200, 0])
    let p = softmax(x)
    #expect(try g.graph(fetching: [sum(p * log(p))]).simplified().count("log_softmax") == 0)
    let logarithms = logSoftmax(x)
    let index = g.constant(try Tensor([Int64(1)], shape: [1, 1]))
    let both = try g.graph(fetching: [gather(logarithms, index, axis: 1), sum(logarithms)]).simplified()
    #expect(both.count("cross_entropy") == 0)
  }
}
