internal import Tributary
internal import TributaryMeasuring

/// One call that is measured: an operator at a size, or its forward and backward pass together.
struct OperatorCase: Sendable {
  let subject: OperatorSubject
  let size: ShapeClass
  let isGradient: Bool

  /// The cases of an operator, in the order in which they are measured.
  static func all(of subject: OperatorSubject, sizes: [ShapeClass]) -> [OperatorCase] {
    let kinds = subject.differentiable.isEmpty ? [false] : [false, true]
    return kinds.flatMap { kind in
      sizes.map { OperatorCase(subject: subject, size: $0, isGradient: kind) }
    }
  }

  /// What the speed is held against: of a gradient PyTorch's, where a bandwidth is meant for the operator alone.
  var goal: OperatorGoal {
    if isGradient, case .bandwidth = subject.goal { return .peer }
    return subject.goal
  }

  /// The name in tables.
  var title: String {
    let parts = [subject.name, subject.variant, isGradient ? "gradient" : ""]
    return parts.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The shapes of the operands, as `256×256, 256`.
  var shapes: String {
    subject.inputs(size).map { $0.shape.map(String.init).joined(separator: "×") }.joined(separator: ", ")
  }

  /// The graph compiled for it, and what to feed.
  func compiled() throws -> (executable: Executable, feeds: [(Value, Tensor)]) {
    let graph = GraphBuilder()
    let inputs = subject.inputs(size)
    var feeds: [(Value, Tensor)] = []
    for (number, input) in inputs.enumerated() {
      let value = graph.input("x\(number)", Shape(input.shape), dtype: input.type.dtype)
      feeds.append((value, try input.tensor(seed: UInt64(number + 1))))
    }
    let values = feeds.map(\.0)
    var fetches = subject.build(graph, values)
    if isGradient {
      let seed = CaseInput(fetches[0].shape.dimensions)
      let cotangent = graph.input("cotangent", fetches[0].shape)
      feeds.append((cotangent, try seed.tensor(seed: 99)))
      let gradients = graph.gradients(
        of: [fetches[0]], cotangents: [cotangent], withRespectTo: subject.differentiable.map { values[$0] })
      fetches += subject.differentiable.map { gradients[values[$0]] }
    }
    let executable = try graph.compile(fetching: fetches)
    let needed = Set(executable.inputs.map(\.name))
    return (executable, feeds.filter { needed.contains($0.0.name) })
  }
}
