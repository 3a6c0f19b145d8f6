internal import TributaryOps

extension Executable {
  /// The bytes allocated for the constants.
  var constantBytes: Int { plan.graph.constants.reduce(0) { $0 + $1.storage.allocatedByteCount } }

  /// The bytes allocated for all bodies of loops and branches, by all workers that have run them.
  var bodyBytes: Int { plan.graph.bodies.reduce(0) { $0 + $1.allocatedBytes } }

  /// The bytes kept whoever runs: constants and bodies.
  var keptBytes: Int { constantBytes + bodyBytes }
}
