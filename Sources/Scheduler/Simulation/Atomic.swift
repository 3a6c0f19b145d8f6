internal import Synchronization

// Every atomic of this module is one of these. In a release build that is the standard library's and nothing else. In a debug
// build, and where TRIBUTARY_SIMULATION is defined, each access is also a step at which a simulation may let another
// thread go on: what one thread shows to others it shows by atomics only, so these are all places where the order of threads
// matters. See README.md, "Simulation".
#if DEBUG || TRIBUTARY_SIMULATION

  /// An atomic each of whose accesses is a step of a simulation, if the thread is in one; else the standard library's atomic with the
  /// same orderings.
  ///
  /// The underscored attributes are those of the standard library's own methods: orderings must be constants, also through
  /// this wrapper.
  struct Atomic<Value: AtomicRepresentable>: ~Copyable {
    let base: Synchronization.Atomic<Value>

    @_transparent
    init(_ value: consuming Value) { base = Synchronization.Atomic(value) }
  }

  // SAFETY: a wrapper around an atomic, which is made for several threads.
  extension Atomic: @unchecked Sendable where Value: Sendable {}

  extension Atomic where Value.AtomicRepresentation == _Atomic8BitStorage {
    @_semantics("atomics.requires_constant_orderings") @_transparent
    func load(ordering: AtomicLoadOrdering) -> Value {
      Simulator.step()
      return base.load(ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    func store(_ desired: consuming Value, ordering: AtomicStoreOrdering) {
      Simulator.step()
      base.store(desired, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    func exchange(_ desired: consuming Value, ordering: AtomicUpdateOrdering) -> Value {
      Simulator.step()
      return base.exchange(desired, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    func compareExchange(
      expected: consuming Value, desired: consuming Value, ordering: AtomicUpdateOrdering
    ) -> (exchanged: Bool, original: Value) {
      Simulator.step()
      return base.compareExchange(expected: expected, desired: desired, ordering: ordering)
    }
  }

  extension Atomic where Value.AtomicRepresentation == _Atomic32BitStorage {
    @_semantics("atomics.requires_constant_orderings") @_transparent
    func load(ordering: AtomicLoadOrdering) -> Value {
      Simulator.step()
      return base.load(ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    func store(_ desired: consuming Value, ordering: AtomicStoreOrdering) {
      Simulator.step()
      base.store(desired, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    func exchange(_ desired: consuming Value, ordering: AtomicUpdateOrdering) -> Value {
      Simulator.step()
      return base.exchange(desired, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    func compareExchange(
      expected: consuming Value, desired: consuming Value, ordering: AtomicUpdateOrdering
    ) -> (exchanged: Bool, original: Value) {
      Simulator.step()
      return base.compareExchange(expected: expected, desired: desired, ordering: ordering)
    }
  }

  extension Atomic where Value.AtomicRepresentation == _Atomic64BitStorage {
    @_semantics("atomics.requires_constant_orderings") @_transparent
    func load(ordering: AtomicLoadOrdering) -> Value {
      Simulator.step()
      return base.load(ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    func store(_ desired: consuming Value, ordering: AtomicStoreOrdering) {
      Simulator.step()
      base.store(desired, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    func exchange(_ desired: consuming Value, ordering: AtomicUpdateOrdering) -> Value {
      Simulator.step()
      return base.exchange(desired, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    func compareExchange(
      expected: consuming Value, desired: consuming Value, ordering: AtomicUpdateOrdering
    ) -> (exchanged: Bool, original: Value) {
      Simulator.step()
      return base.compareExchange(expected: expected, desired: desired, ordering: ordering)
    }
  }

  extension Atomic where Value == Int32 {
    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func wrappingAdd(_ operand: Int32, ordering: AtomicUpdateOrdering) -> (oldValue: Int32, newValue: Int32) {
      Simulator.step()
      return base.wrappingAdd(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func wrappingSubtract(_ operand: Int32, ordering: AtomicUpdateOrdering) -> (
      oldValue: Int32, newValue: Int32
    ) {
      Simulator.step()
      return base.wrappingSubtract(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func bitwiseOr(_ operand: Int32, ordering: AtomicUpdateOrdering) -> (oldValue: Int32, newValue: Int32) {
      Simulator.step()
      return base.bitwiseOr(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func bitwiseAnd(_ operand: Int32, ordering: AtomicUpdateOrdering) -> (oldValue: Int32, newValue: Int32) {
      Simulator.step()
      return base.bitwiseAnd(operand, ordering: ordering)
    }
  }

  extension Atomic where Value == UInt32 {
    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func wrappingAdd(_ operand: UInt32, ordering: AtomicUpdateOrdering) -> (
      oldValue: UInt32, newValue: UInt32
    ) {
      Simulator.step()
      return base.wrappingAdd(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func wrappingSubtract(_ operand: UInt32, ordering: AtomicUpdateOrdering) -> (
      oldValue: UInt32, newValue: UInt32
    ) {
      Simulator.step()
      return base.wrappingSubtract(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func bitwiseOr(_ operand: UInt32, ordering: AtomicUpdateOrdering) -> (oldValue: UInt32, newValue: UInt32)
    {
      Simulator.step()
      return base.bitwiseOr(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func bitwiseAnd(_ operand: UInt32, ordering: AtomicUpdateOrdering) -> (oldValue: UInt32, newValue: UInt32)
    {
      Simulator.step()
      return base.bitwiseAnd(operand, ordering: ordering)
    }
  }

  extension Atomic where Value == Int64 {
    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func wrappingAdd(_ operand: Int64, ordering: AtomicUpdateOrdering) -> (oldValue: Int64, newValue: Int64) {
      Simulator.step()
      return base.wrappingAdd(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func wrappingSubtract(_ operand: Int64, ordering: AtomicUpdateOrdering) -> (
      oldValue: Int64, newValue: Int64
    ) {
      Simulator.step()
      return base.wrappingSubtract(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func bitwiseOr(_ operand: Int64, ordering: AtomicUpdateOrdering) -> (oldValue: Int64, newValue: Int64) {
      Simulator.step()
      return base.bitwiseOr(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func bitwiseAnd(_ operand: Int64, ordering: AtomicUpdateOrdering) -> (oldValue: Int64, newValue: Int64) {
      Simulator.step()
      return base.bitwiseAnd(operand, ordering: ordering)
    }
  }

  extension Atomic where Value == UInt64 {
    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func wrappingAdd(_ operand: UInt64, ordering: AtomicUpdateOrdering) -> (
      oldValue: UInt64, newValue: UInt64
    ) {
      Simulator.step()
      return base.wrappingAdd(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func wrappingSubtract(_ operand: UInt64, ordering: AtomicUpdateOrdering) -> (
      oldValue: UInt64, newValue: UInt64
    ) {
      Simulator.step()
      return base.wrappingSubtract(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func bitwiseOr(_ operand: UInt64, ordering: AtomicUpdateOrdering) -> (oldValue: UInt64, newValue: UInt64)
    {
      Simulator.step()
      return base.bitwiseOr(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func bitwiseAnd(_ operand: UInt64, ordering: AtomicUpdateOrdering) -> (oldValue: UInt64, newValue: UInt64)
    {
      Simulator.step()
      return base.bitwiseAnd(operand, ordering: ordering)
    }
  }

  extension Atomic where Value == Int {
    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func wrappingAdd(_ operand: Int, ordering: AtomicUpdateOrdering) -> (oldValue: Int, newValue: Int) {
      Simulator.step()
      return base.wrappingAdd(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func wrappingSubtract(_ operand: Int, ordering: AtomicUpdateOrdering) -> (oldValue: Int, newValue: Int) {
      Simulator.step()
      return base.wrappingSubtract(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func bitwiseOr(_ operand: Int, ordering: AtomicUpdateOrdering) -> (oldValue: Int, newValue: Int) {
      Simulator.step()
      return base.bitwiseOr(operand, ordering: ordering)
    }

    @_semantics("atomics.requires_constant_orderings") @_transparent
    @discardableResult
    func bitwiseAnd(_ operand: Int, ordering: AtomicUpdateOrdering) -> (oldValue: Int, newValue: Int) {
      Simulator.step()
      return base.bitwiseAnd(operand, ordering: ordering)
    }
  }

#else

  typealias Atomic = Synchronization.Atomic

#endif
