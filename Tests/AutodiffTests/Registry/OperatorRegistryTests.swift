import Foundation
import Testing
import TributaryAutodiff
import TributaryOps

/// The registry holds every operator type of the library, and each entry uses the type that it names.
@Suite struct OperatorRegistryTests {
  /// Types declared in the sources that conform to `Operator`, directly or by a protocol that refines it.
  private static func declaredOperators() throws -> Set<String> {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources").standardized
    var declarations: [(kind: String, name: String, conformances: Set<String>)] = []
    for folder in ["Ops", "Autodiff"] {
      let files = FileManager.default.enumerator(
        at: root.appending(path: folder), includingPropertiesForKeys: nil)
      for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
        let text = try String(contentsOf: file, encoding: .utf8)
        for line in text.split(separator: "\n") {
          let found = line.wholeMatch(
            of: /(?:public |package )?(?<kind>struct|protocol) (?<name>\w+)(?:<[^>]*>)?: (?<list>.*) \{.*/)
          guard let found else { continue }
          let list = found.list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
          declarations.append((String(found.kind), String(found.name), Set(list)))
        }
      }
    }
    var protocols: Set<String> = ["Operator"]
    while true {
      let more = declarations.filter { $0.kind == "protocol" && !$0.conformances.isDisjoint(with: protocols) }
      let all = protocols.union(more.map(\.name))
      if all == protocols { break }
      protocols = all
    }
    return Set(
      declarations.filter { $0.kind == "struct" && !$0.conformances.isDisjoint(with: protocols) }.map(\.name))
  }

  @Test("every operator type of the sources is registered, once")
  func complete() throws {
    let declared = try Self.declaredOperators()
    #expect(declared.count > 70 && declared.isSuperset(of: ["Unary", "Softmax", "Scan", "BatchNormalize"]))
    let registered = OperatorFamily.all.map(\.type)
    #expect(Set(registered) == declared, "\(Set(registered).symmetricDifference(declared).sorted())")
    #expect(Set(registered).count == registered.count)
  }

  @Test("an entry uses the type that it names", arguments: OperatorFamily.all)
  func truthful(_ family: OperatorFamily) throws {
    var draw = Draw(seed: 1)
    let use = try family.sound(&draw)
    let g = GraphBuilder()
    let x = use.inputs(of: g).values
    let outputs = use.build(g, x)
    let isOfGradients = family.type == "Awaiting"
    let graph = try g.graph(
      fetching: isOfGradients ? g.gradients(of: sum(outputs[0]), withRespectTo: x).all : outputs)
    let types = graph.nodes.compactMap { $0.appliedOperator.map { "\(type(of: $0))" } }
    #expect(types.contains { $0.prefix { $0 != "<" } == family.type })
    if let wild = family.wild { #expect("\(type(of: wild(&draw)))" == family.type) }
  }

  /// Operators without a derivative, with the reason.
  private static let withoutRule: [String: Set<String>] = [
    "results or operands are integers or truth values": [
      "IntegerDivision", "Compare", "Logical", "LogicalReduce", "ArgExtreme", "OneHot", "CheckFinite",
    ],
    "no operand is floating-point": ["Fill", "Iota", "RandomFill", "ScheduledRate"],
    "a step, whose results are states": [
      "SGDUpdate", "MomentumUpdate", "AdamUpdate", "RMSPropUpdate", "AdagradUpdate",
    ],
    "the walks step over it, or take what it wraps": ["StopGradient", "Awaiting"],
    "added by the planner, after differentiation": ["CopyValue", "Fused", "Epilogue"],
  ]

  @Test("all other operators are differentiable")
  func differentiable() throws {
    var without: Set<String> = []
    for family in OperatorFamily.all {
      var draw = Draw(seed: 1)
      let use = try family.sound(&draw)
      let g = GraphBuilder()
      let graph = try g.graph(fetching: use.build(g, use.inputs(of: g).values))
      let uses = graph.nodes.compactMap(\.appliedOperator).filter { "\(type(of: $0))" == family.type }
      if !uses.contains(where: { $0 is any DifferentiableOperator }) { without.insert(family.type) }
    }
    let expected = Self.withoutRule.values.reduce(into: Set<String>()) { $0.formUnion($1) }
    #expect(without == expected, "\(without.symmetricDifference(expected).sorted())")
  }
}
