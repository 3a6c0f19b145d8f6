internal import Tributary

/// Workloads of dense layers.
extension Workload {
  static let seedDAG5 = Workload("seed-dag-5", ["n": [5], "m": [1]], seedDAG)
  static let seedDAG512 = Workload("seed-dag-512", ["n": [512], "m": [512]], seedDAG)

  /// `x1 = w1·x0`, `x2 = x0 + w2·x1`, `x3 = w1·(x1 + x2)`, loss ‖x3‖₂: `w1` is used twice.
  private static let seedDAG: Definition = { (model, sizes) throws(WorkloadError) in
    let n = try sizes.count("n")
    let x0 = model.input("x0", [n, try sizes.count("m")])
    let w1 = model.weight("w1", n, n)
    let w2 = model.weight("w2", n, n)
    let x1 = matmul(w1, x0)
    let x2 = x0 + matmul(w2, x1)
    return norm(matmul(w1, x1 + x2))
  }

  static let mlp = Workload("mlp", ["dims": [784, 512, 512, 10], "batch": [128]]) {
    (model, sizes) throws(WorkloadError) in
    let dims = try sizes.counts("dims")
    let batch = try sizes.count("batch")
    let logits = model.dense(model.input("x", [batch, dims[0]]), dims, { tanh($0) })
    return crossEntropy(logits, model.input("y", [batch], .classes(dims[dims.count - 1])))
  }

  static let mlpWide = Workload("mlp-wide", ["dims": [1024, 2048, 2048, 1024], "batch": [256]]) {
    (model, sizes) throws(WorkloadError) in
    let dims = try sizes.counts("dims")
    let batch = try sizes.count("batch")
    let output = model.dense(model.input("x", [batch, dims[0]]), dims, { relu($0) })
    return meanSquaredError(output, model.input("t", [batch, dims[dims.count - 1]]))
  }

  /// Two towers with the same weights.
  static let siamese = Workload(
    "siamese", ["dims": [784, 256, 128], "batch": [128], "margin": [1], "epsilon": [1e-12]]
  ) { (model, sizes) throws(WorkloadError) in
    let dims = try sizes.counts("dims")
    let batch = try sizes.count("batch")
    let a = model.input("a", [batch, dims[0]])
    let b = model.input("b", [batch, dims[0]])
    let same = model.input("same", [batch], .alternating)
    let layers = model.layers(dims)
    return contrastiveLoss(
      layers.applied(to: a, { relu($0) }), layers.applied(to: b, { relu($0) }), same,
      margin: try sizes.number("margin"),
      epsilon: try sizes.number("epsilon"))
  }

  /// Separate MLPs, each with weights and data of its own; the loss is the sum of theirs.
  static let ensemble = Workload("ensemble", ["members": [8], "dims": [64, 64, 64, 10], "batch": [32]]) {
    (model, sizes) throws(WorkloadError) in
    let dims = try sizes.counts("dims")
    let batch = try sizes.count("batch")
    var losses: [Value] = []
    for member in 0..<(try sizes.count("members")) {
      let x = model.input("x\(member)", [batch, dims[0]])
      let y = model.input("y\(member)", [batch], .classes(dims[dims.count - 1]))
      losses.append(crossEntropy(model.dense(x, dims, { tanh($0) }, prefix: "m\(member)."), y))
    }
    return losses.dropFirst().reduce(losses[0], +)
  }
}

/// Dense layers: `x @ w + b` with an activation between them.
struct DenseLayers {
  var parameters: [(weight: Value, bias: Value)] = []

  func applied(to x: Value, _ activation: (Value) -> Value) -> Value {
    var h = x
    for (index, layer) in parameters.enumerated() {
      h = matmul(h, layer.weight) + layer.bias
      if index + 1 < parameters.count { h = activation(h) }
    }
    return h
  }
}

extension WorkloadModel {
  /// The parameters of dense layers of the given widths: `w0`, `b0`, `w1`, ...
  mutating func layers(_ dims: [Int], prefix: String = "") -> DenseLayers {
    var result = DenseLayers()
    for (index, (fanIn, fanOut)) in zip(dims, dims.dropFirst()).enumerated() {
      let weight = weight("\(prefix)w\(index)", fanIn, fanOut)
      result.parameters.append((weight, bias("\(prefix)b\(index)", fanOut)))
    }
    return result
  }

  /// New dense layers applied to a value.
  mutating func dense(
    _ x: Value, _ dims: [Int], _ activation: (Value) -> Value, prefix: String = ""
  ) -> Value {
    layers(dims, prefix: prefix).applied(to: x, activation)
  }
}
