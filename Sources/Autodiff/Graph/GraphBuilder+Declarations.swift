internal import Synchronization
public import TributaryOps

extension GraphBuilder {
  /// A value that every run is fed.
  ///
  /// A name declared twice, and an impossible shape, are errors of `compile`. The open scopes are put before the name.
  public func input(
    _ name: String, _ shape: Shape, dtype: DType = .float32, file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    declare("input", name, TensorType(dtype, shape), SourceSite(file, line)) { _, full in .input(full) }
  }

  /// A trainable state: what optimisers update and checkpoints hold.
  ///
  /// - Parameters:
  ///   - name: A name of its own; the open scopes are put before it.
  ///   - shape: The shape.
  ///   - dtype: f32 or f64.
  ///   - initial: How a new store fills it; drawn from the store's seed and the full name.
  public func parameter(
    _ name: String, _ shape: Shape, dtype: DType = .float32, initial: Initializer,
    file: StaticString = #fileID,
    line: UInt = #line
  ) -> Value {
    let site = SourceSite(file, line)
    guard dtype.isFloatingPoint else {
      return fail(
        .dtype, "parameter", "'\(name)' is \(dtype); parameters are f32 or f64, use state for others",
        site: site)
    }
    return declareState("parameter", name, TensorType(dtype, shape), initial, isParameter: true, site)
  }

  /// A state that is not trained: a moment of an optimiser, a counter, a running statistic.
  public func state(
    _ name: String, _ type: TensorType, initial: Initializer, file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    declareState("state", name, type, initial, isParameter: false, SourceSite(file, line))
  }

  /// A tensor known now.
  public func constant(_ tensor: Tensor, file: StaticString = #fileID, line: UInt = #line) -> Value {
    constant(tensor, site: SourceSite(file, line))
  }

  /// A scalar known now.
  public func constant(
    _ value: Double, dtype: DType = .float32, file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    constant(value, dtype: dtype, site: SourceSite(file, line))
  }

  /// Gives a state a new value at the end of every step whose graph is compiled with `updating:`, if only with an empty
  /// ``Update``. A graph compiled without one (for evaluation, say) leaves the state alone.
  ///
  /// All readers of the old value come before the assignment. Assigning a state twice, assigning something that is not
  /// a state, and a value of another type are errors of `compile`.
  public func assign(_ state: Value, _ value: Value, file: StaticString = #fileID, line: UInt = #line) {
    let site = SourceSite(file, line)
    guard accepts([state, value], "assign", site: site) else { return }
    guard checkAssignment(state, value, site: site) else { return }
    let isFirst = contents.withLock { contents in
      guard !contents.assignments.contains(where: { $0.state.id == state.id }) else { return false }
      contents.assignments.append((OwnValue(state), OwnValue(value)))
      return true
    }
    if !isFirst {
      fail(
        .assignedTwice, "assign",
        "state '\(state.name)' already has an assignment; a step assigns a state once",
        operands: [state, value], site: site)
    }
  }

  /// Whether a state may be assigned a value; records why not.
  func checkAssignment(_ state: Value, _ value: Value, site: SourceSite) -> Bool {
    guard stateIndex(of: state) != nil else {
      fail(
        .notState, "assign",
        "'\(state.name)' is not a state; only values of parameter and state can be assigned",
        operands: [state, value], site: site)
      return false
    }
    guard state.type == value.type else {
      let error = ShapeError(
        state.dtype == value.dtype ? .dimension : .dtype,
        "state '\(state.name)' is \(state.type) and its new value is \(value.type); the types must be equal")
      fail(error, "assign", operands: [state, value], site: site)
      return false
    }
    return true
  }

  /// The index of a state; nil when the value is none.
  func stateIndex(of value: Value) -> Int? {
    guard !value.isPoisoned, value.builder === self else { return nil }
    return contents.withLock { contents in
      if case .state(let index) = contents.nodes[value.id.node].kind { index } else { nil }
    }
  }

  func constant(_ tensor: Tensor, site: SourceSite) -> Value {
    append(.constant(tensor), [], [tensor.type], name: "constant", site)[0]
  }

  /// A scalar in an element type, rounded to it.
  func constant(_ value: Double, dtype: DType, site: SourceSite = .unknown) -> Value {
    switch dtype {
    case .float32: return constant(Tensor(Float(value)), site: site)
    case .float64: return constant(Tensor(value), site: site)
    case .int32:
      if let exact = Int32(exactly: value) { return constant(Tensor(exact), site: site) }
    case .int64:
      if let exact = Int64(exactly: value) { return constant(Tensor(exact), site: site) }
    case .bool:
      if value == 0 || value == 1 { return constant(Tensor(value == 1), site: site) }
    }
    return fail(.dtype, "constant", "\(value) is not a value of \(dtype); cast the other operand", site: site)
  }

  private func declareState(
    _ subject: String, _ name: String, _ type: TensorType, _ initial: Initializer, isParameter: Bool,
    _ site: SourceSite
  ) -> Value {
    if case .values(let values) = initial, values.count != type.elementCount {
      return fail(
        .shape, subject,
        "'\(name)' is \(type) with \(type.elementCount) elements; \(values.count) were given", site: site)
    }
    return declare(subject, name, type, site) { contents, full in
      contents.states.append(
        StateDescriptor(name: full, type: type, initial: initial, isParameter: isParameter))
      contents.stateNodes.append(contents.nodes.count)
      return .state(contents.states.count - 1)
    }
  }

  private func declare(
    _ subject: String, _ name: String, _ type: TensorType, _ site: SourceSite,
    _ makeKind: (inout Contents, String) -> Node.Kind
  ) -> Value {
    guard !name.isEmpty, !name.contains(where: { $0 == "\"" || $0.isNewline }) else {
      return fail(
        .invalidName, subject,
        "'\(name)' cannot be a name: it must not be empty, nor have a quote or a line break",
        site: site)
    }
    do { try type.shape.validate() } catch {
      return fail(error, "\(subject) '\(name)'", operands: [], site: site)
    }
    let context = BuildContext.current
    let full = context.qualified(name)
    let value: Value? = contents.withLock { contents in
      guard contents.names.insert(full).inserted else { return nil }
      let kind = makeKind(&contents, full)
      contents.nodes.append(
        Node(kind: kind, inputs: [], outputs: [type], name: full, source: context.source ?? site.text ?? ""))
      return Value(builder: self, id: ValueID(node: contents.nodes.count - 1), type: type)
    }
    return value
      ?? fail(
        .duplicateName, subject,
        "the name '\(full)' is taken; names of inputs, parameters and states must be unique",
        site: site)
  }
}
