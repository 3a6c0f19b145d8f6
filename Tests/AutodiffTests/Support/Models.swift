import TributaryOps

@testable import TributaryAutodiff

/// A step of training with plain gradient descent: its graph, and tensors to feed it.
struct Model {
  var graph: Graph
  var feeds: [String: Tensor]

  /// The states' first values.
  func states(seed: UInt64 = 1) throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for state in graph.states { result[state.name] = try state.initialValue(seed: seed) }
    return result
  }

  /// Gradient descent on a loss by all parameters; fetches the loss.
  static func descent(
    _ g: GraphBuilder, _ loss: Value, fetching more: [Value] = [], rate: Double = 0.01,
    feeds: [String: Tensor]
  ) throws -> Model {
    let parameters = g.parameters
    let gradients = g.gradients(of: loss, withRespectTo: parameters)
    let lr = g.constant(rate, dtype: loss.dtype)
    var update = Update()
    for parameter in parameters {
      update.assign(parameter, g.apply(SGDUpdate(), to: parameter, gradients[parameter], lr))
    }
    return Model(graph: try g.graph(fetching: [loss] + more, updating: update), feeds: feeds)
  }

  /// A tensor of normal numbers.
  static func noise(_ shape: Shape, _ dtype: DType = .float32, stream: UInt64, deviation: Double = 1) throws
    -> Tensor
  {
    try Tensor(initial: .normal(deviation), type: TensorType(dtype, shape), seed: 99, stream: stream)
  }

  /// The seed example, in which `w1` is used twice.
  static func seedDAG(_ n: Int, columns: Int = 1, dtype: DType = .float32) throws -> Model {
    let g = GraphBuilder()
    let x0 = g.input("x0", [n, columns], dtype: dtype)
    let w1 = g.parameter("w1", [n, n], dtype: dtype, initial: .normal(0.3))
    let w2 = g.parameter("w2", [n, n], dtype: dtype, initial: .normal(0.3))
    let x1 = matmul(w1, x0)
    let x2 = x0 + matmul(w2, x1)
    let x3 = matmul(w1, x1 + x2)
    return try descent(g, norm(x3), feeds: ["x0": noise([n, columns], dtype, stream: 1)])
  }

  /// A multilayer perceptron with biases and mean squared error.
  static func perceptron(
    _ widths: [Int], batch: Int, dtype: DType = .float32, fetchAll: Bool = false
  ) throws -> Model {
    let g = GraphBuilder()
    let x = g.input("x", [batch, widths[0]], dtype: dtype)
    let y = g.input("y", [batch, widths[widths.count - 1]], dtype: dtype)
    var h = x
    var all: [Value] = []
    for (layer, (before, after)) in zip(widths, widths.dropFirst()).enumerated() {
      let w = g.parameter("w\(layer)", [before, after], dtype: dtype, initial: .glorotUniform)
      let b = g.parameter("b\(layer)", [after], dtype: dtype, initial: .constant(0.1))
      h = matmul(h, w) + b
      if layer < widths.count - 2 { h = relu(h) }
      all.append(h)
    }
    let loss = mean(square(h - y))
    return try descent(
      g, loss, fetching: fetchAll ? all : [],
      feeds: [
        "x": noise([batch, widths[0]], dtype, stream: 1),
        "y": noise([batch, widths[widths.count - 1]], dtype, stream: 2),
      ])
  }

  /// Separate small networks whose losses are added.
  static func ensemble(_ members: Int, widths: [Int] = [64, 64, 64, 10], batch: Int = 32) throws -> Model {
    let g = GraphBuilder()
    var feeds: [String: Tensor] = [:]
    var total: Value?
    for member in 0..<members {
      let x = g.input("x\(member)", [batch, widths[0]])
      feeds["x\(member)"] = try noise([batch, widths[0]], stream: UInt64(member))
      var h = x
      for (layer, (before, after)) in zip(widths, widths.dropFirst()).enumerated() {
        let w = g.parameter("w\(member).\(layer)", [before, after], initial: .glorotUniform)
        h = matmul(h, w)
        if layer < widths.count - 2 { h = tanh(h) }
      }
      let loss = mean(square(h))
      total = total.map { $0 + loss } ?? loss
    }
    return try descent(g, total!, feeds: feeds)
  }
}
