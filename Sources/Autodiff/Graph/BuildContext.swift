/// Where nodes are being made: the open name scopes, the source line that generated nodes are attributed to, and what is
/// recomputed in the backward pass.
///
/// Task-local, so that two tasks building one graph do not see each other's scopes.
struct BuildContext: Sendable {
  /// The open scopes joined by `/`; empty outside any.
  var path = ""

  /// The source line given to every node made now, for nodes that a derivative rule makes on behalf of another.
  var source: String?

  /// The builder of the loop body or branch that is being built: nodes of the builders around it are made there too.
  var body: GraphBuilder?

  /// The innermost open `recompute`.
  var region: RecomputedRegion?

  @TaskLocal static var current = BuildContext()

  /// A name below the open scopes.
  func qualified(_ name: String) -> String { path.isEmpty ? name : "\(path)/\(name)" }
}

/// A place in a source file. Operators such as `+` cannot be told theirs and have none.
struct SourceSite: Sendable {
  /// `Model.swift:12`; nil where the caller's line is unknown.
  let text: String?

  /// Unknown.
  static let unknown = SourceSite(text: nil)

  private init(text: String?) { self.text = text }

  /// A place from `#fileID` and `#line`.
  init(_ file: StaticString, _ line: UInt) {
    let path = file.description
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    text = String(path[(slash.map(path.utf8.index(after:)) ?? path.startIndex)...]) + ":" + String(line)
  }
}
