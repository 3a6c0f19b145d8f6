/// What a step does to states: which states get which new values.
///
/// Optimisers make updates; `GraphBuilder.compile(fetching:updating:options:)` takes them. A graph compiled without an
/// update changes nothing.
public struct Update: Sendable {
  /// A state and its new value.
  public struct Entry: Sendable, Hashable {
    /// The state, a value of `parameter` or `state`.
    public let state: Value

    /// The new value, of the state's type.
    public let value: Value

    /// An entry from its parts.
    public init(state: Value, value: Value) {
      self.state = state
      self.value = value
    }
  }

  /// The assignments, each state at most once.
  public var entries: [Entry]

  /// An update from its entries; empty means that only assignments made by ``GraphBuilder/assign(_:_:file:line:)``
  /// take place.
  public init(_ entries: [Entry] = []) { self.entries = entries }

  /// Adds a new value of a state.
  public mutating func assign(_ state: Value, _ value: Value) {
    entries.append(Entry(state: state, value: value))
  }

  /// Both updates in one step.
  public func merging(_ other: Update) -> Update { Update(entries + other.entries) }
}
