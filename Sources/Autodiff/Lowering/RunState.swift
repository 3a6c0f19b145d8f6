internal import TributaryOps

/// What one run at a time needs beside the program: the table of addresses, scratch memory, and what the addresses
/// point at. Leased from the executable for each run, or kept by a prepared run.
///
/// SAFETY: `@unchecked Sendable` since a state has one user at a time: the executable's pool hands it to one and gets it
/// back under a lock. The tasks of that user's run only read the table.
final class RunState: @unchecked Sendable {
  /// What the tasks are given.
  let header: UnsafeMutablePointer<RunHeader>
  private let held: UnsafeMutablePointer<HeldStore.Frame>
  private let table: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let patches: Patches
  private let entryCount: Int
  private let scratchStride: Int
  private var scratchSlots = 0
  private var arenaBase: UnsafeMutableRawPointer?
  /// The store whose addresses the table holds.
  private var store: ParameterStore?

  /// A state whose table holds the constants' addresses only.
  init(_ program: Program, _ patches: Patches, constants: [Tensor], scratchBytes: Int) {
    self.patches = patches
    scratchStride = (scratchBytes + 127) / 128 * 128
    // Every entry is written before a run reads it; until then it points at the table.
    entryCount = max(program.entries.count, 1)
    table = .allocate(capacity: entryCount)
    table.initialize(repeating: UnsafeMutableRawPointer(table), count: entryCount)
    held = .allocate(capacity: 1)
    held.initialize(to: HeldStore.Frame(store: nil, mode: .reading, outer: nil))
    header = .allocate(capacity: 1)
    header.initialize(
      to: RunHeader(
        table: table, scratch: UnsafeMutableRawPointer(table), scratchStride: 0, held: held))
    for (number, tensor) in constants.enumerated() {
      // The executable keeps the tensor, and nothing writes to a constant.
      point(patches.constants[number], at: tensor.storage.baseAddress)
    }
  }

  deinit {
    if scratchSlots > 0 { header.pointee.scratch.deallocate() }
    header.deallocate()
    held.deallocate()
    table.deallocate()
  }

  /// The bytes of the table and of scratch memory.
  var byteCount: Int {
    entryCount * MemoryLayout<UnsafeMutableRawPointer>.stride + scratchSlots * scratchStride
  }

  private func point(_ entries: [Patches.Entry], at base: UnsafeMutableRawPointer) {
    for entry in entries { table[Int(entry.index)] = base + entry.byteOffset }
  }

  /// The bytes of scratch memory allocated.
  var scratchByteCount: Int { scratchSlots * scratchStride }

  /// Makes room for the scratch memory of so many workers.
  func provideScratch(workers: Int) {
    guard workers > scratchSlots, scratchStride > 0 else { return }
    if scratchSlots > 0 { header.pointee.scratch.deallocate() }
    header.pointee.scratch = .allocate(byteCount: workers * scratchStride, alignment: 128)
    header.pointee.scratchStride = scratchStride
    scratchSlots = workers
  }

  /// Points the table at an arena.
  func use(_ arena: Arena) {
    guard arenaBase != arena.base else { return }
    arenaBase = arena.base
    point(patches.arena, at: arena.base)
  }

  /// Points the table at a tensor fed.
  func feed(_ number: Int, _ address: UnsafeRawPointer) {
    // Kernels do not write to feeds: no operator's output has its home there.
    point(patches.feeds[number], at: UnsafeMutableRawPointer(mutating: address))
  }

  /// Points the table at a tensor to be handed back.
  func fetch(_ number: Int, _ address: UnsafeMutableRawPointer) {
    point(patches.fetches[number], at: address)
  }

  /// Points the table at the states of a store.
  /// - Throws: `RunError` with code `wrongStore` when a state is missing or has another type.
  func bind(_ store: ParameterStore, _ states: [StateDescriptor]) throws(RunError) {
    guard self.store !== store else { return }
    for (number, state) in states.enumerated() {
      guard let position = store.position(of: state.name) else {
        throw RunError(
          .wrongStore,
          "the store has no state '\(state.name)', which the executable needs; make the store from this executable, "
            + "or from all executables that share it")
      }
      guard store.descriptors[position].type == state.type else {
        throw RunError(
          .wrongStore,
          "state '\(state.name)' is \(state.type) in the executable and \(store.descriptors[position].type) in the "
            + "store; they were made from different models")
      }
      point(patches.states[number], at: store.addresses[position])
    }
    self.store = store
  }

  /// Notes, before a run, which store it uses and what it is started in, for its tasks.
  func note(_ store: ParameterStore?, _ mode: StoreGate.Mode) {
    // SAFETY: only its address is taken.
    note(store.map { Unmanaged.passUnretained($0) }, mode)
  }

  /// The same without counting references.
  // SAFETY: only its address is taken.
  func note(_ store: Unmanaged<ParameterStore>?, _ mode: StoreGate.Mode) {
    held.pointee = HeldStore.Frame(
      store: store.map { UnsafeRawPointer($0.toOpaque()) }, mode: mode, outer: HeldStore.current)
  }

  /// Lets go of the store.
  func unbind() { store = nil }
}
