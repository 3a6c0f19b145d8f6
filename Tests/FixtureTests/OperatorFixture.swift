import Tributary

/// Compares one operator file: outputs, and gradients under the file's cotangents.
struct OperatorFixture {
  let fixture: Fixture
  let classes: [String: ToleranceClass]

  /// Checks the file at every one of the executors' thread counts.
  func outcome(on executors: [GraphExecutor]) throws -> Outcome {
    let name = try fixture.description.text("operator")
    guard let definition = OperatorTable.all[name] else { return .skipped("\(name) is not there yet") }
    let reason: String?
    do {
      reason = try failure(definition, executors)
    } catch is NotYet {
      return .skipped("this \(name) is not there yet")
    } catch {
      reason = "\(error)"
    }
    guard let reason else { return .passed }
    // On a tie, a kink or a limit another choice than the file's is legitimate.
    let convention = fixture.description["convention"]
    return convention == nil ? .failed(reason) : .skipped("convention: \(reason)")
  }

  private func failure(_ definition: OperatorTable.Definition, _ executors: [GraphExecutor]) throws -> String?
  {
    let graph = GraphBuilder()
    var feeds: [Value: Tensor] = [:]
    func feed(_ name: String, _ tensor: Tensor) -> Value {
      let value = graph.input(name, tensor.shape, dtype: tensor.dtype)
      feeds[value] = tensor
      return value
    }
    let inputs = fixture.numbered("in").map { feed("in.\($0.index)", $0.tensor) }
    let outputs = try definition(graph, inputs, try Members(fixture.description["attributes"]))
    var expected: [(name: String, value: Value, tensor: Tensor, isGradient: Bool)] = []
    for (index, tensor) in fixture.numbered("out") {
      guard index < outputs.count else {
        throw FixtureError("\(outputs.count) outputs; out.\(index) is expected")
      }
      expected.append(("out.\(index)", outputs[index], tensor, false))
    }
    let cotangents = fixture.numbered("cotangent")
    let differentiable = try fixture.description.integers("differentiable")
    if !differentiable.isEmpty {
      let gradients = graph.gradients(
        of: cotangents.map { outputs[$0.index] },
        cotangents: cotangents.map { feed("cotangent.\($0.index)", $0.tensor) },
        withRespectTo: differentiable.map { inputs[$0] })
      for index in differentiable {
        expected.append(
          ("grad.\(index)", gradients[inputs[index]], try fixture.tensor("grad.\(index)"), true))
      }
    }
    let executable = try graph.compile(fetching: expected.map(\.value))
    let className = try fixture.description.text("tolerance")
    guard let tolerances = classes[className] else {
      throw FixtureError("unknown tolerance class \(className)")
    }
    let floor = try fixture.description.number("floor")
    // A gradient may be a constant, and then the cotangent is no input of what is run.
    let needed = Set(executable.inputs.map(\.name))
    feeds = feeds.filter { needed.contains($0.key.name) }
    for executor in executors {
      let results = try executable.run(on: executor, feeding: feeds)
      for (name, value, want, isGradient) in expected {
        let tolerance = isGradient ? tolerances.backward : tolerances.forward
        if let reason = try tolerance.mismatch(got: try results[value], want: want, floor: floor) {
          return "\(executor.workerCount) threads: \(name)\(reason)"
        }
      }
    }
    return nil
  }
}
