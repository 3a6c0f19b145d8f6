import Testing
import TributaryAutodiff
import TributaryOps

@Suite struct JacobianTests {
  private static let pairs: [(Shape, Shape)] = [
    ([2, 3], [3, 2]), ([3], [1, 3, 2]), ([], []), ([1], []), ([0], [2]), ([4, 1], [1]),
  ]

  private func run(_ g: GraphBuilder, _ values: [Value], _ feeds: [String: Tensor]) throws -> [[Double]] {
    try GraphInterpreter(try g.graph(fetching: values).simplified()).run(feeding: feeds).fetches.map {
      try $0.elements(Double.self)
    }
  }

  @Test(
    "at [i, j] stands the derivative of element i by element j",
    arguments: [JacobianMode.automatic, .forward, .reverse])
  func elements(mode: JacobianMode) throws {
    let g = GraphBuilder()
    let x = g.input("x", [3], dtype: .float64)
    let a = [[1.0, 2, 3], [4, 5, 6]]
    let y = matmul(g.constant(try Tensor(a.flatMap { $0 }, shape: [2, 3])), square(x))
    let jacobian = g.jacobian(of: y, withRespectTo: x, mode: mode)
    #expect(jacobian.type == TensorType(.float64, [2, 3]))
    let point = [0.5, -1, 2]
    let found = try run(g, [jacobian], ["x": try Tensor(point, shape: [3])])[0]
    var want: [Double] = []
    for row in a { for column in 0..<3 { want.append(2 * row[column] * point[column]) } }
    #expect(found == want)
  }

  @Test("both modes agree for any shapes, and the shape is y's, then x's", arguments: pairs)
  func shapes(_ left: Shape, _ right: Shape) throws {
    var numbers = Numbers(seed: 4)
    let g = GraphBuilder()
    let a = g.input("a", left, dtype: .float64)
    let b = g.input("b", right, dtype: .float64)
    let y = sin(reshape(a, [-1, 1]) * reshape(b, [1, -1]))
    let forward = g.jacobian(of: y, withRespectTo: a, mode: .forward)
    let reverse = g.jacobian(of: y, withRespectTo: a, mode: .reverse)
    #expect(forward.shape == Shape([left.elementCount, right.elementCount] + left.dimensions))
    #expect(reverse.type == forward.type)
    let found = try run(
      g, [forward, reverse], ["a": try numbers.tensor(left), "b": try numbers.tensor(right)])
    #expect(found[0].count == left.elementCount * left.elementCount * right.elementCount)
    for (p, q) in zip(found[0], found[1]) { #expect(abs(p - q) < 1e-14) }
  }

  @Test("as many products are built as the smaller side has elements")
  func cheaperMode() throws {
    func products(_ inputs: Int, _ outputs: Int) throws -> Int {
      let g = GraphBuilder()
      let x = g.input("x", [1, inputs])
      let w = g.input("w", [inputs, outputs])
      return try g.graph(fetching: [g.jacobian(of: tanh(matmul(x, w)), withRespectTo: x)]).count(
        "tanh_gradient")
    }
    #expect(try products(3, 5) == 3)
    #expect(try products(5, 3) == 3)
  }

  @Test("the Hessian of xᵀAx / 2 is A's symmetric part, and its product with a vector needs no Hessian")
  func hessians() throws {
    let g = GraphBuilder()
    let x = g.input("x", [3], dtype: .float64)
    let a = [2.0, 1, 0, 3, 5, 4, 0, 2, 7]
    let y = sum(x * matmul(g.constant(try Tensor(a, shape: [3, 3])), x)) * 0.5 + sum(exp(x))
    let v = [1.0, -2, 0.5]
    let found = try run(
      g,
      [
        g.hessian(of: y, withRespectTo: x),
        g.hvp(of: y, withRespectTo: [x], vectors: [g.constant(try Tensor(v, shape: [3]))])[0],
      ], ["x": try Tensor([0.0, 1, -1], shape: [3])])
    let exponentials = [1, 2.718281828459045, 0.36787944117144233]
    for row in 0..<3 {
      var product = 0.0
      for column in 0..<3 {
        let symmetric = (a[row * 3 + column] + a[column * 3 + row]) / 2
        let want = symmetric + (row == column ? exponentials[row] : 0)
        #expect(abs(found[0][row * 3 + column] - want) < 1e-14)
        product += want * v[column]
      }
      #expect(abs(found[1][row] - product) < 1e-13)
    }
  }

  @Test("a network's Hessian-vector product agrees with its Hessian, over several parameters")
  func blocks() throws {
    var numbers = Numbers(seed: 8)
    let g = GraphBuilder()
    let x = g.constant(try numbers.tensor([4, 3]))
    let w = g.input("w", [3, 2], dtype: .float64)
    let b = g.input("b", [2], dtype: .float64)
    let loss = crossEntropy(tanh(matmul(x, w) + b), g.constant(try numbers.indices([4], below: 2)))
    let (p, q) = (try numbers.tensor([3, 2]), try numbers.tensor([2]))
    let product = g.hvp(of: loss, withRespectTo: [w, b], vectors: [g.constant(p), g.constant(q)])
    let byW = g.gradients(of: loss, withRespectTo: [w])[w]
    let blocks = [g.hessian(of: loss, withRespectTo: w), g.jacobian(of: byW, withRespectTo: b)]
    #expect(blocks.map(\.shape) == [[3, 2, 3, 2], [3, 2, 2]])
    let found = try run(
      g, [product[0]] + blocks, ["w": try numbers.tensor([3, 2]), "b": try numbers.tensor([2])])
    let vectors = [try p.elements(Double.self), try q.elements(Double.self)]
    for row in 0..<6 {
      var want = 0.0
      for column in 0..<6 { want += found[1][row * 6 + column] * vectors[0][column] }
      for column in 0..<2 { want += found[2][row * 2 + column] * vectors[1][column] }
      #expect(abs(found[0][row] - want) < 1e-14)
    }
  }

  @Test("stopGradient is a constant to Jacobians")
  func stopped() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2], dtype: .float64)
    let y = stopGradient(square(x)) * x
    let found = try run(
      g,
      [
        g.jacobian(of: y, withRespectTo: x, mode: .forward),
        g.jacobian(of: y, withRespectTo: x, mode: .reverse),
        g.jacobian(of: stopGradient(y), withRespectTo: x), g.hessian(of: sum(y), withRespectTo: x),
      ], ["x": try Tensor([2.0, 3], shape: [2])])
    #expect(found == [[4, 0, 0, 9], [4, 0, 0, 9], [0, 0, 0, 0], [0, 0, 0, 0]])
  }

  @Test("what cannot be built is an error that says how to mend it")
  func refusals() {
    let g = GraphBuilder()
    let x = g.input("x", [40, 50])
    let wide = g.input("wide", [1, 1, 1, 1, 1])
    let double = g.input("double", [2], dtype: .float64)
    _ = g.jacobian(of: tanh(x), withRespectTo: x)
    _ = g.jacobian(of: wide, withRespectTo: wide)
    _ = g.jacobian(of: double, withRespectTo: x)
    _ = g.hessian(of: x, withRespectTo: x)
    _ = g.hessian(of: sum(tanh(x)), withRespectTo: x, productLimit: 1999)
    let found = issues(of: g, fetching: [])
    #expect(found.map(\.code) == [.tooLarge, .shape, .notDifferentiable, .cotangent, .tooLarge])
    #expect(found[0].message.contains("2000 products, more than the limit of 1024"))
    #expect(found[4].message.contains("raise productLimit"))
  }
}
