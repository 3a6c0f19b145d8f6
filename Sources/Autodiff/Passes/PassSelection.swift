#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Which passes rewrite a graph before it is planned: all of them, but for those that are left out by name.
///
/// Written as text it is a list of names to leave out, each after a minus, or `-all`: `-identities,-constant-folding`. Each
/// pass says which bits it keeps; leaving one out costs time and shows whether it is at fault.
public struct PassSelection: Sendable, Hashable, CustomStringConvertible {
  /// The names of all passes, in the order in which they first run.
  public static let names = Graph.passes.map(\.name).reduce(into: [String]()) { names, name in
    if !names.contains(name) { names.append(name) }
  }

  /// The names that are left out.
  public let omitted: Set<String>

  /// All passes.
  public static let all = PassSelection(omitted: [])

  /// The passes that keep every bit.
  public static let exact = PassSelection(
    omitted: Set(Graph.passes.lazy.filter { !$0.keepsBits }.map(\.name)))

  /// No pass.
  public static let none = PassSelection(omitted: Set(names))

  private init(omitted: Set<String>) { self.omitted = omitted }

  /// All passes but those that a text names.
  /// - Throws: `GraphError` with code `plan` naming a part of the text that is no pass after a minus.
  public init(parsing text: String) throws(GraphError) {
    var omitted: Set<String> = []
    for part in text.split(separator: ",") {
      let name = String(part.drop { $0 == " " }.dropFirst())
      guard part.drop(while: { $0 == " " }).first == "-", name == "all" || Self.names.contains(name) else {
        throw GraphError([
          GraphError.Issue(
            .plan, subject: "passes",
            message: "\"\(part)\" leaves out no pass; write a minus and one of "
              + (["all"] + Self.names).joined(separator: ", "))
        ])
      }
      omitted.formUnion(name == "all" ? Self.names : [name])
    }
    self.init(omitted: omitted)
  }

  /// All passes but those that the environment's `TRIBUTARY_PASSES` names.
  /// - Throws: `GraphError` as ``init(parsing:)``.
  public static func fromEnvironment() throws(GraphError) -> PassSelection {
    guard let text = getenv("TRIBUTARY_PASSES") else { return .all }
    return try PassSelection(parsing: String(cString: text))
  }

  /// Whether a pass runs.
  public func contains(_ pass: some Pass) -> Bool { !omitted.contains(pass.name) }

  /// The text that gives this selection; empty for all passes.
  public var description: String {
    Self.names.filter(omitted.contains).map { "-" + $0 }.joined(separator: ",")
  }
}
