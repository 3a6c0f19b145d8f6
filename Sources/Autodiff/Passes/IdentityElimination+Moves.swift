internal import TributaryOps

/// Identities of operators that choose, repeat or join elements.
extension IdentityElimination {
  /// A value that a node moves elements for in vain; nil for others.
  func moved(_ applied: any Operator, _ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    let kind = type(of: applied)
    if kind == BroadcastTo.self { return broadcastTwice(applied, node, &graph) }
    if kind == Slice.self, let slice = applied as? Slice { return sliced(slice, node, &graph) }
    if kind == Concat.self, let concat = applied as? Concat { return joined(concat, node, graph) }
    if kind == Reduce.self, let reduce = applied as? Reduce { return single(reduce, node, &graph) }
    if kind == Unary.self, (applied as? Unary)?.function == .neg { return negatedTwice(node, &graph) }
    return nil
  }

  /// −(reshape(−x)).
  private func negatedTwice(_ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    guard let (reshape, inputs) = graph.maker(of: node.inputs[0]), reshape is Reshape,
      let (inner, origin) = graph.maker(of: inputs[0]), (inner as? Unary)?.function == .neg
    else { return nil }
    return graph.append(reshape, origin, node.outputs[0], inPlaceOf: node)
  }

  private func broadcastTwice(_ applied: any Operator, _ node: Node, _ graph: inout GraphRewriter) -> ValueID?
  {
    guard let (inner, inputs) = graph.maker(of: node.inputs[0]), inner is BroadcastTo else { return nil }
    return graph.append(applied, inputs, node.outputs[0], inPlaceOf: node)
  }

  /// A slice of a slice as one; a slice of what one part of a concatenation holds, of that part.
  private func sliced(_ slice: Slice, _ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    let lengths = node.outputs[0].shape
    guard let (maker, inputs) = graph.maker(of: node.inputs[0]), node.outputs[0].elementCount > 0 else {
      return nil
    }
    var starts = slice.starts
    var steps = slice.steps
    var source = inputs[0]
    if let inner = maker as? Slice {
      for axis in lengths.indices {
        starts[axis] = inner.starts[axis] + starts[axis] * inner.steps[axis]
        steps[axis] *= inner.steps[axis]
      }
    } else if let concat = maker as? Concat {
      let last = starts[concat.axis] + (lengths[concat.axis] - 1) * steps[concat.axis]
      var end = 0
      var holder: ValueID?
      for input in inputs {
        let range = end..<end + graph.type(of: input).shape[concat.axis]
        if range.contains(starts[concat.axis]), range.contains(last) {
          starts[concat.axis] -= end
          holder = input
          break
        }
        end = range.upperBound
      }
      guard let holder else { return nil }
      source = holder
    } else {
      return nil
    }
    let shape = graph.type(of: source).shape
    // Where one element is taken the step is of no account.
    for axis in lengths.indices where lengths[axis] == 1 { steps[axis] = 1 }
    guard steps.allSatisfy({ $0.magnitude <= UInt(Int32.max) }) else { return nil }
    let stops = lengths.indices.map { axis in
      let last = starts[axis] + (lengths[axis] - 1) * steps[axis]
      return steps[axis] > 0 ? Swift.min(last + steps[axis], shape[axis]) : Swift.max(last + steps[axis], -1)
    }
    if lengths == shape, steps.allSatisfy({ $0 == 1 }) { return source }
    return graph.append(
      Slice(starts: starts, stops: stops, steps: steps), [source], node.outputs[0], inPlaceOf: node)
  }

  /// The value that neighbouring slices put side by side are.
  private func joined(_ concat: Concat, _ node: Node, _ graph: GraphRewriter) -> ValueID? {
    var whole: ValueID?
    var end = 0
    for input in node.inputs {
      guard let (maker, inputs) = graph.maker(of: input), let slice = maker as? Slice,
        whole == nil || whole == inputs[0], graph.type(of: inputs[0]) == node.outputs[0],
        slice.starts[concat.axis] == end
      else { return nil }
      whole = inputs[0]
      let lengths = graph.type(of: input).shape
      let isRun = lengths.indices.allSatisfy { axis in
        slice.steps[axis] == 1 && (axis == concat.axis || slice.starts[axis] == 0)
      }
      guard isRun else { return nil }
      end += lengths[concat.axis]
    }
    return whole
  }

  /// A reduction over axes of length 1.
  private func single(_ reduce: Reduce, _ node: Node, _ graph: inout GraphRewriter) -> ValueID? {
    let input = graph.type(of: node.inputs[0])
    guard !reduce.axes.isEmpty, reduce.axes.allSatisfy({ input.shape[$0] == 1 }) else { return nil }
    if input == node.outputs[0] { return node.inputs[0] }
    return graph.append(
      Reshape(shape: node.outputs[0].shape), node.inputs, node.outputs[0], inPlaceOf: node)
  }
}
