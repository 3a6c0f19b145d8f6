/// Which interpreter has which system.
struct PythonInterpreters: Sendable {
  /// An interpreter that has a system.
  struct Found: Sendable, Equatable {
    var python: String
    var version: String
  }

  /// What was found; systems that no interpreter can import are absent.
  let found: [Rival.Module: Found]

  /// Why each interpreter cannot import the systems that are missing, a line each.
  let failures: [Rival.Module: [String]]

  /// Time for an import, which a cold disk makes slow.
  private static let timeout = 180.0

  /// Asks the interpreters in turn, for each system until one can import it.
  init(_ pythons: [String]) throws {
    try self.init(pythons) { python, module in
      let program = "import \(module.rawValue); print(\(module.rawValue).__version__)"
      let outcome = try RivalProcess.run([python, "-c", program], timeout: PythonInterpreters.timeout)
      let version = outcome.output.split(separator: "\n").last.map(String.init)
      if outcome.status == 0, let version { return .success(version) }
      let reason = outcome.errors.split(separator: "\n").last.map(String.init)
      return .failure(BenchError(reason ?? "the import did not end well"))
    }
  }

  /// The same with another way to ask for a system's version.
  init(
    _ pythons: [String], asking version: (String, Rival.Module) throws -> Result<String, BenchError>
  ) throws {
    var found: [Rival.Module: Found] = [:]
    var failures: [Rival.Module: [String]] = [:]
    for module in Rival.Module.allCases {
      for python in pythons where found[module] == nil {
        switch try version(python, module) {
        case .success(let version): found[module] = Found(python: python, version: version)
        case .failure(let error): failures[module, default: []].append("\(python): \(error)")
        }
      }
    }
    self.found = found
    self.failures = failures.filter { found[$0.key] == nil }
  }

  /// A paragraph about each system that is missing and how to install it.
  var missing: [String] {
    Rival.Module.allCases.filter { found[$0] == nil }.map { module in
      "missing: \(module.title), which none of the interpreters can import; install it with\n    "
        + "\(module.installation)\n  and give --python ~/peers/bin/python"
        + (failures[module] ?? []).map { "\n  \($0)" }.joined()
    }
  }
}
