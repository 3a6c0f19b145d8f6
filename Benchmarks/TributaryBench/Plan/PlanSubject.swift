internal import Tributary
internal import TributaryOps
internal import TributaryWorkloads

/// A graph of a training step, or of a forward pass, whose compilation is timed.
struct PlanSubject {
  /// The name in tables.
  let name: String
  /// The values that a run hands back.
  let fetches: [Value]
  /// What a run assigns; nil for a forward pass.
  let update: Update?

  /// The kinds of graphs that can have any size.
  enum Kind: String, CaseIterable {
    /// Dense layers one after the other, differentiated and updated.
    case dense
    /// Small elementwise operators, each reading one or two of the 64 values before it, forward only.
    case dag
    /// A recurrent net unrolled over time, differentiated and updated.
    case recurrent
  }

  /// A graph of about so many operators.
  init(_ kind: Kind, operators: Int) {
    name = kind.rawValue
    switch kind {
    case .dense: (fetches, update) = PlanSubject.dense(layers: max(operators / 12, 1))
    case .dag: (fetches, update) = (PlanSubject.dag(operators: operators), nil)
    case .recurrent: (fetches, update) = PlanSubject.recurrent(steps: max(operators / 14, 1))
    }
  }

  /// A workload's training step: plain SGD with learning rate 0.01.
  init(_ workload: Workload) throws(WorkloadError) {
    name = workload.name
    let model = try workload.model()
    fetches = [model.loss]
    update = model.update
  }

  /// The graph before any pass.
  /// - Throws: `GraphError` with the mistakes made while building.
  func graph() throws(GraphError) -> Graph {
    try fetches[0].builder.graph(fetching: fetches, updating: update)
  }

  private static func dense(layers: Int) -> ([Value], Update?) {
    let builder = GraphBuilder()
    var h = builder.input("x", [8, 16])
    for layer in 0..<layers {
      let weight = builder.parameter("w\(layer)", [16, 16], initial: .normal(0.25))
      let bias = builder.parameter("b\(layer)", [16], initial: .constant(0))
      h = tanh(matmul(h, weight) + bias)
    }
    let loss = mean(square(h))
    return ([loss], SGD(learningRate: 0.01).minimizing(loss))
  }

  private static func dag(operators: Int) -> [Value] {
    let builder = GraphBuilder()
    var values = (0..<64).map { builder.input("x\($0)", [16]) }
    // Numerical Recipes' linear congruence: the same graph everywhere.
    var random: UInt32 = 1
    for _ in 0..<operators {
      // The oldest of the 64 is read here at the latest, so that nothing is dead.
      let a = values[values.count - 64]
      random = random &* 1_664_525 &+ 1_013_904_223
      let b = values[values.count - 64 + Int(random >> 26)]
      switch random >> 16 & 3 {
      case 0: values.append(a + b)
      case 1: values.append(a * b)
      case 2: values.append(a - b)
      default: values.append(tanh(a))
      }
    }
    return [values.suffix(64).reduce(builder.constant(0), +)]
  }

  private static func recurrent(steps: Int) -> ([Value], Update?) {
    let builder = GraphBuilder()
    let inputs = builder.input("x", [steps, 4, 8])
    let weight = builder.parameter("wx", [8, 16], initial: .normal(0.35))
    let own = builder.parameter("wh", [16, 16], initial: .normal(0.25))
    let bias = builder.parameter("b", [16], initial: .constant(0))
    var h = broadcast(builder.constant(0), to: [4, 16])
    for step in 0..<steps {
      let x = reshape(slice(inputs, starts: [step, 0, 0], stops: [step + 1, 4, 8]), [4, 8])
      h = tanh(matmul(x, weight) + matmul(h, own) + bias)
    }
    let loss = mean(square(h))
    return ([loss], SGD(learningRate: 0.01).minimizing(loss))
  }
}
