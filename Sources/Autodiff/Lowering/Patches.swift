/// Which entries of a pointer table point into which space, so that a space can be moved without looking at the rest.
struct Patches: Sendable {
  /// One entry of the table.
  struct Entry: Sendable {
    /// Its number.
    var index: Int32
    /// What it adds to the base.
    var byteOffset: Int
  }

  /// The entries of the arena.
  var arena: [Entry] = []
  /// The entries of each feed.
  var feeds: [[Entry]]
  /// The entries of each tensor handed back.
  var fetches: [[Entry]]
  /// The entries of each state.
  var states: [[Entry]]
  /// The entries of each constant.
  var constants: [[Entry]]

  /// Sorts the entries of a program by space.
  init(_ program: Program, _ graph: StepGraph) {
    feeds = Array(repeating: [], count: graph.feeds.count)
    fetches = Array(repeating: [], count: graph.fetched.count)
    states = Array(repeating: [], count: graph.states.count)
    constants = Array(repeating: [], count: graph.constants.count)
    for (index, entry) in program.entries.enumerated() {
      let patch = Entry(index: Int32(index), byteOffset: entry.byteOffset)
      switch entry.home {
      case .arena: arena.append(patch)
      case .feed(let number): feeds[number].append(patch)
      case .fetch(let number): fetches[number].append(patch)
      case .state(let number): states[number].append(patch)
      case .constant(let number): constants[number].append(patch)
      }
    }
  }
}
