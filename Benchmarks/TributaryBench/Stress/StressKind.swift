/// The kinds of case that the stress run draws.
enum StressKind: String, CaseIterable, Sendable {
  /// One after the other.
  case chain
  /// One, then many, then one, over and over.
  case fan
  /// One, then two, then one, over and over.
  case diamond
  /// Layers, each task after random ones of the layer before.
  case layered
  /// No edges.
  case independent
  /// Edges between any tasks.
  case random
  /// Some tasks run a graph of their own.
  case nested
  /// Some tasks split a loop over the workers.
  case loop
  /// Several graphs at once on one executor, from threads of their own.
  case concurrent
  /// A task throws, or the run is cancelled while it goes on; afterwards the graph runs again.
  case failing
  /// A graph of a few tasks many times over, while signals hold thieves up.
  case tiny
  /// Layers of 1 and 64 tasks in turn on an executor that never spins, while signals put workers to sleep.
  case signals
  /// Bodies that hold a lock around a loop and a graph of their own, up to 64 levels deep.
  case locks
  /// Eight threads that run four compiled graphs on one executor and cancel some of the runs.
  case clients
  /// Plans of random models, judged by their printed form.
  case plans
  /// Equal clients back to back for ten seconds, or as long as told: each must get its share. Only where named.
  case fair

  /// The kinds that are drawn where none is named.
  static let drawn = allCases.filter { $0 != .fair }
}
