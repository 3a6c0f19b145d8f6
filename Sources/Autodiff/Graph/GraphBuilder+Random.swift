internal import Synchronization
internal import TributaryOps

extension GraphBuilder {
  /// What random operators take for the step where they are given none: an i64 state named `random_step`, declared when
  /// it is first asked for.
  ///
  /// It is 0 in a new store, and every run of a graph compiled with `updating:`, if only with an empty ``Update``, adds
  /// 1. So every step of a training draws other numbers, and a training resumed from a checkpoint goes on with those
  /// that would have come. A graph compiled without an update draws the same numbers in every run.
  ///
  /// In the body of a loop it is another value: a function of this one and of the number of the loop's step, so that
  /// every step of a ``scan(carrying:over:length:reverse:file:line:_:)``, a ``map(over:file:line:_:)`` or a
  /// ``whileLoop(carrying:file:line:while:do:)`` draws numbers of its own, and the derivative draws them again.
  public var randomStep: Value {
    if let body = bodyBeingBuilt { return body.randomStep }
    if let enclosing { return randomStep(within: enclosing) }
    let known: Value? = contents.withLock { contents in
      if let step = contents.randomStep { return step.value(of: self) }
      let name = "random_step"
      guard contents.names.insert(name).inserted else { return nil }
      let type = TensorType(.int64, .scalar)
      let source = BuildContext.current.source ?? ""
      func append(_ kind: Node.Kind, _ inputs: [Value], _ name: String) -> Value {
        contents.nodes.append(
          Node(kind: kind, inputs: inputs.map(\.id), outputs: [type], name: name, source: source))
        return Value(builder: self, id: ValueID(node: contents.nodes.count - 1), type: type)
      }
      contents.stateNodes.append(contents.nodes.count)
      let step = append(.state(contents.states.count), [], name)
      contents.states.append(
        StateDescriptor(name: name, type: type, initial: .constant(0), isParameter: false))
      let next = append(
        .apply(Binary(.add)), [step, append(.constant(Tensor(Int64(1))), [], "constant")], "\(name)/add")
      contents.assignments.append((OwnValue(step), OwnValue(next)))
      contents.randomStep = OwnValue(step)
      return step
    }
    return known
      ?? fail(
        .duplicateName, "random_step",
        "the name 'random_step' is taken, so that the step of random operators cannot be a state; rename the other or "
          + "give every random operator a step")
  }

  /// A number for a random operator's stream: 0, 1, 2, … in order of the calls.
  func nextRandomStream() -> UInt64 {
    if let enclosing { return enclosing.nextRandomStream() }
    return contents.withLock { contents in
      defer { contents.randomStreams += 1 }
      return contents.randomStreams
    }
  }
}
