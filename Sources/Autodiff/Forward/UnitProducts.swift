internal import Synchronization
internal import TributaryOps

extension GraphBuilder {
  /// The products that a function of a vector makes of all unit vectors, stacked along a new leading axis, as one map.
  ///
  /// The product is built once, of a placeholder; what depends on the placeholder then becomes the body of the map, and the
  /// rest is computed once and shared. The placeholder and what it made here are reached by nothing and cost nothing.
  /// - Parameters:
  ///   - type: The type of a unit vector.
  ///   - product: Builds the product of a vector; from it alone and from what was built before.
  /// - Returns: Poisoned where the product is.
  func productsOfUnits(_ type: TensorType, _ site: SourceSite, _ product: (Value) -> Value) -> Value {
    let placeholder = append(.input("unit"), [], [type], name: "unit", site)[0]
    let made = product(placeholder)
    guard !made.isPoisoned else { return poisoned() }
    let count = type.elementCount
    let index = TensorType(.int64, .scalar)
    let indices = emit(Iota(type: index.stacked(count), axis: 0), [], site)
    var loop = LoopBuilder(inside: self)
    let slice = loop.slice(of: indices)
    let output = loop.building {
      let unit = oneHot(slice, count: count, dtype: type.dtype)
      return loop.body.rebuilt(made, replacing: placeholder, by: reshaped(unit, type.shape, site))
    }
    return loop.finishMap(sliced: [indices], outputs: [output], length: count, site)?[0] ?? poisoned()
  }

  /// A value of the builder around this one, built again here from another value in place of one that it depends on.
  private func rebuilt(_ value: Value, replacing old: Value, by new: Value) -> Value {
    let outer = old.builder
    let nodes = outer.contents.withLock { $0.nodes }
    let needed = Graph.ancestors(of: [value.id.node], in: nodes)
    var values: [Int: [Value]] = [old.id.node: [new]]
    func here(_ id: ValueID) -> Value {
      if let made = values[id.node] { return made[id.output] }
      return adopted(Value(builder: outer, id: id, type: nodes[id.node].outputs[id.output]))
    }
    for (index, node) in nodes.enumerated().dropFirst(old.id.node + 1) where needed[index] {
      guard let applied = node.appliedOperator, node.inputs.contains(where: { values[$0.node] != nil })
      else { continue }
      var context = BuildContext.current
      context.source = node.source
      values[index] = BuildContext.$current.withValue(context) { emitAll(applied, node.inputs.map(here)) }
    }
    return here(value.id)
  }
}
