public import TributaryOps

/// The bytes of states between steps: parameters, an optimiser's moments, step counters, statistics.
///
/// Executables of the same states share a store; a store finds its states by name. A run that assigns has the store to
/// itself and others wait their turn; runs that only read go on together. A step is all or nothing, as long as no kernel
/// fails after the first assignment: should that happen, the store is marked inconsistent and refuses to run and
/// to be saved until it is restored.
///
/// SAFETY: `@unchecked Sendable` since the addresses are constants and the bytes behind them are touched only by those
/// who have entered `gate`: written by one assigning run or mutation, read by others in the meantime never.
public final class ParameterStore: @unchecked Sendable {
  /// The states, in order of declaration.
  public let descriptors: [StateDescriptor]

  /// The bytes allocated for all states.
  public let byteCount: Int

  let addresses: [UnsafeMutableRawPointer]
  let gate = StoreGate()
  private let index: [String: Int]

  /// A store for the states of an executable, freshly initialised.
  /// - Parameters:
  ///   - executable: What declares the states.
  ///   - seed: With a state's name it decides its first value, the same everywhere and independent of the other states.
  public convenience init(_ executable: Executable, seed: UInt64) {
    self.init([executable], seed: seed)
  }

  /// A store for the states of several executables, each state once, freshly initialised.
  public convenience init(_ executables: [Executable], seed: UInt64) {
    var states: [StateDescriptor] = []
    var names: Set<String> = []
    for state in executables.flatMap(\.graph.states) where names.insert(state.name).inserted {
      states.append(state)
    }
    do {
      try self.init(states: states, seed: seed)
    } catch {
      preconditionFailure("an executable's states were checked when it was made: \(error)")
    }
  }

  /// A store for given states, of different names, freshly initialised.
  /// - Throws: `RunError` with code `wrongType` or `wrongShape` when an initializer does not suit its state.
  public convenience init(states: [StateDescriptor], seed: UInt64) throws(RunError) {
    self.init(allocating: states)
    for (state, address) in zip(states, addresses) {
      try state.writeInitialValue(seed: seed, to: address)
    }
  }

  /// A store whose bytes are undefined.
  private init(allocating states: [StateDescriptor]) {
    descriptors = states
    index = Dictionary(states.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var byteCount = 0
    addresses = states.map { state in
      let size = (max(state.type.byteCount, 1) + 63) / 64 * 64
      byteCount += size
      return LargeMemory.allocate(byteCount: size, alignment: 64)
    }
    self.byteCount = byteCount
  }

  deinit { for address in addresses { address.deallocate() } }

  /// The names of the states, in order of declaration.
  public var names: [String] { descriptors.map(\.name) }

  /// Whether all states are of the same step; false after a step that failed amid its assignments, until a restore.
  public var isConsistent: Bool { gate.isConsistent }

  /// The position of a state, by name.
  func position(of name: String) -> Int? { index[name] }

  /// A copy of a state. Waits for a run that assigns.
  /// - Throws: `RunError` with code `unknownState`, or `stateInUse` from inside a run that assigns.
  public func tensor(named name: String) throws(RunError) -> Tensor {
    let position = try known(name)
    try enter(.reading, to: "be read")
    defer { gate.leave(.reading) }
    return copy(position)
  }

  /// Replaces a state. Waits for all runs.
  /// - Throws: `RunError` with code `unknownState`, `wrongType`, `wrongShape`, or `stateInUse` from inside a run that
  ///   uses the store.
  public func setTensor(_ tensor: Tensor, named name: String) throws(RunError) {
    let position = try known(name)
    try check(tensor, position)
    try enter(.assigning, to: "be written")
    defer { gate.leave(.assigning) }
    write(tensor, position)
  }

  /// Copies of all states, by name, all of the same step.
  /// - Throws: `RunError` with code `stateInconsistent`, or `stateInUse` from inside a run that assigns.
  public func snapshot() throws(RunError) -> [String: Tensor] {
    try enter(.reading, to: "be saved")
    defer { gate.leave(.reading) }
    guard gate.isConsistent else { throw ParameterStore.inconsistent("be saved") }
    var result: [String: Tensor] = [:]
    for (position, descriptor) in descriptors.enumerated() { result[descriptor.name] = copy(position) }
    return result
  }

  /// Replaces every state, or none; the store is consistent again.
  /// - Throws: `RunError` with code `unknownState` when a state is missing or a name is not one of a state, `wrongType`,
  ///   `wrongShape`, or `stateInUse` from inside a run that uses the store.
  public func restore(_ tensors: [String: Tensor]) throws(RunError) {
    for name in tensors.keys.sorted() { _ = try known(name) }
    for (position, descriptor) in descriptors.enumerated() {
      guard let tensor = tensors[descriptor.name] else {
        throw RunError(
          .unknownState,
          "the store cannot be restored: state '\(descriptor.name)' is missing; give all of them")
      }
      try check(tensor, position)
    }
    try enter(.assigning, to: "be restored")
    defer { gate.leave(.assigning) }
    for (position, descriptor) in descriptors.enumerated() {
      if let tensor = tensors[descriptor.name] { write(tensor, position) }
    }
    gate.setConsistent(true)
  }

  private func known(_ name: String) throws(RunError) -> Int {
    guard let position = index[name] else {
      let near = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
      throw RunError(
        .unknownState,
        "the store has no state '\(name)'; it has \(near)"
          + (names.count > 8 ? " and \(names.count - 8) more" : ""))
    }
    return position
  }

  private func check(_ tensor: Tensor, _ position: Int) throws(RunError) {
    let descriptor = descriptors[position]
    guard tensor.type != descriptor.type else { return }
    throw RunError(
      tensor.dtype == descriptor.type.dtype ? .wrongShape : .wrongType,
      "state '\(descriptor.name)' is \(descriptor.type) and was given \(tensor.type)")
  }

  /// What identifies the store.
  // SAFETY: only an identity to compare with; it is never turned back into an object.
  var identity: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }

  /// Waits for the store, blocking the thread, and enters; the gate must be left in the same mode. From inside a run that reads,
  /// others may read at once.
  /// - Throws: `RunError` with code `stateInUse`.
  func enter(_ mode: StoreGate.Mode, to action: String) throws(RunError) {
    try checkUse(mode, to: action)
    if HeldStore.mode(of: identity) == nil {
      gate.enter(mode)
    } else {
      gate.enterAgain()
    }
  }

  /// Refuses what would wait for the run that the calling thread is in.
  func checkUse(_ mode: StoreGate.Mode, to action: String) throws(RunError) {
    guard let held = HeldStore.mode(of: identity), held == .assigning || mode == .assigning else { return }
    throw RunError(
      .stateInUse,
      "the store cannot \(action) from inside a \(held == .assigning ? "step that assigns" : "run that reads") its states; "
        + "do it before or after the \(held == .assigning ? "step" : "run")")
  }

  static func inconsistent(_ action: String) -> RunError {
    RunError(
      .stateInconsistent,
      "the store cannot \(action): a step failed amid its assignments, so its states do not belong together; "
        + "restore them from a snapshot or a checkpoint")
  }

  private func copy(_ position: Int) -> Tensor {
    let type = descriptors[position].type
    let storage = TensorStorage(byteCount: type.byteCount, zeroed: false)
    storage.baseAddress.copyMemory(from: addresses[position], byteCount: type.byteCount)
    return Tensor(storage, type)
  }

  private func write(_ tensor: Tensor, _ position: Int) {
    tensor.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { addresses[position].copyMemory(from: base, byteCount: bytes.count) }
    }
  }
}
