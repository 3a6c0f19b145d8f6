internal import Tributary

/// Recurrent networks, unrolled over time; their weights are shared by every step.
extension Workload {
  /// `h = tanh(x·wx + h·wh + b)`.
  static let rnn = Workload(
    "rnn", ["steps": [64], "batch": [32], "input": [64], "hidden": [128], "classes": [10]]
  ) { (model, sizes) throws(WorkloadError) in
    let network = try Recurrent(&model, sizes, gates: 1)
    var h = network.zeros
    for step in 0..<network.steps { h = tanh(network.projection(step, h)) }
    return network.loss(h)
  }

  /// The four gates i, f, g, o in one projection; `c = σ(f)·c + σ(i)·tanh(g)`, `h = σ(o)·tanh(c)`.
  static let lstm = Workload(
    "lstm", ["steps": [32], "batch": [32], "input": [64], "hidden": [128], "classes": [10]]
  ) { (model, sizes) throws(WorkloadError) in
    let network = try Recurrent(&model, sizes, gates: 4)
    var h = network.zeros
    var c = network.zeros
    for step in 0..<network.steps {
      let z = network.projection(step, h)
      c = sigmoid(network.gate(1, of: z)) * c + sigmoid(network.gate(0, of: z)) * tanh(network.gate(2, of: z))
      h = sigmoid(network.gate(3, of: z)) * tanh(c)
    }
    return network.loss(h)
  }
}

/// What the recurrent workloads share: data [steps, batch, input], a projection of input and state, a classifier.
private struct Recurrent {
  let steps: Int
  let zeros: Value
  private let batch: Int
  private let input: Int
  private let hidden: Int
  private let x: Value
  private let y: Value
  private let wx: Value
  private let wh: Value
  private let b: Value
  private let wo: Value
  private let bo: Value

  init(_ model: inout WorkloadModel, _ sizes: WorkloadConfiguration, gates: Int) throws(WorkloadError) {
    steps = try sizes.count("steps")
    batch = try sizes.count("batch")
    input = try sizes.count("input")
    hidden = try sizes.count("hidden")
    let classes = try sizes.count("classes")
    x = model.input("x", [steps, batch, input])
    y = model.input("y", [batch], .classes(classes))
    wx = model.weight("wx", input, gates * hidden)
    wh = model.weight("wh", hidden, gates * hidden)
    b = model.bias("b", gates * hidden)
    wo = model.weight("wo", hidden, classes)
    bo = model.bias("bo", classes)
    zeros = broadcast(model.graph.constant(0), to: [batch, hidden])
  }

  func projection(_ step: Int, _ h: Value) -> Value {
    let now = slice(x, starts: [step, 0, 0], stops: [step + 1, batch, input])
    return matmul(reshape(now, [batch, input]), wx) + matmul(h, wh) + b
  }

  func gate(_ index: Int, of z: Value) -> Value {
    slice(z, starts: [0, index * hidden], stops: [batch, (index + 1) * hidden])
  }

  func loss(_ h: Value) -> Value { crossEntropy(matmul(h, wo) + bo, y) }
}
