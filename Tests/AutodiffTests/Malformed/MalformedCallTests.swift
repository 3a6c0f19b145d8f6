import Foundation
import Testing
import TributaryAutodiff
import TributaryOps

/// What a caller reads after a mistake, with every function and operator.
@Suite struct MalformedCallTests {
  /// What the calls are made with.
  struct Operands: Sendable {
    let g = GraphBuilder()
    /// f32[2, 3].
    let x: Value
    /// f32[4, 5], which does not broadcast with x.
    let y: Value
    /// f64[2, 3].
    let wide: Value
    /// f32[3].
    let v: Value
    /// f32[].
    let scalar: Value
    /// i64[2, 3].
    let ids: Value
    /// bool[2, 3].
    let mask: Value
    /// f32[0, 3].
    let none: Value
    /// f32[2, 3, 8, 8], images.
    let images: Value
    /// f32[4, 3, 3, 3], weights of a convolution.
    let weights: Value
    /// f32[1, 1, 1, 1, 1, 1, 1, 1], of as many axes as there can be.
    let deep: Value

    init() {
      x = g.input("x", [2, 3])
      y = g.input("y", [4, 5])
      wide = g.input("wide", [2, 3], dtype: .float64)
      v = g.input("v", [3])
      scalar = g.input("scalar", [])
      ids = g.input("ids", [2, 3], dtype: .int64)
      mask = g.input("mask", [2, 3], dtype: .bool)
      none = g.input("none", [0, 3])
      images = g.input("images", [2, 3, 8, 8])
      weights = g.input("weights", [4, 3, 3, 3])
      deep = g.input("deep", [1, 1, 1, 1, 1, 1, 1, 1])
    }
  }

  struct Call: Sendable, CustomTestStringConvertible {
    /// Parts of the message, of which the first is the name of the operator or function.
    let words: [String]
    let make: @Sendable (Operands) -> Value

    init(_ words: String..., make: @escaping @Sendable (Operands) -> Value) {
      self.words = words
      self.make = make
    }

    var testDescription: String { words.joined(separator: ", ") }
  }

  static let calls: [Call] =
    elementwise + reductions + shapes + indexing + networks + losses + derivatives + loops

  /// Ways to say what is allowed or what to do.
  private static let advice = [
    "must", "give ", "cast", "reshape", "valid are", "takes", "needs", "at most", "axes are", "raise",
    "pad by", "use ",
    "cut the way", "are supported", "can be addressed", "is named twice", "computes in", "come from one",
    "round it",
    "need as many", "it has none", "is bool or", "does not fit into", "name the axes",
  ]

  @Test func thereAreTwoHundred() { #expect(Self.calls.count >= 200) }

  @Test(arguments: calls)
  func theMessageHelps(_ call: Call) {
    let o = Operands()
    let y = o.g.scope("tower") { call.make(o) }
    let error = #expect(throws: GraphError.self) { try o.g.graph(fetching: [y]) }
    guard let issue = error?.issues.first else { return }
    let text = "\(issue)"
    if ProcessInfo.processInfo.environment["TRIBUTARY_PRINT_MESSAGES"] != nil {
      print("\(call.words) ⇒ \(text)")
    }
    for word in call.words { #expect(text.contains(word), "\(text)") }
    #expect(issue.scope.contains("tower"), "\(text)")
    #expect(issue.source.hasPrefix("MalformedCall"), "\(text)")
    #expect(Self.advice.contains { text.contains($0) }, "no advice in: \(text)")
    // A type, a shape or a number that is wrong.
    #expect(text.contains { $0 == "[" || $0.isNumber }, "\(text)")
    #expect(error?.issues.count == 1, "\(error?.description ?? "")")
  }

  @Test(
    "operands that do not fit are named with their types, whatever the operator",
    arguments: OperatorFamily.all)
  func everyOperator(_ family: OperatorFamily) throws {
    var refused = 0
    for seed in 1...12 {
      var draw = Draw(seed: 400 + seed)
      let use = try family.sound(&draw)
      let types = use.corrupted(&draw)
      let g = GraphBuilder()
      let outputs = use.build(g, types.enumerated().map { g.input("x\($0)", $1.shape, dtype: $1.dtype) })
      let error: GraphError
      do throws(GraphError) {
        _ = try g.graph(fetching: outputs)
        continue
      } catch let thrown {
        error = thrown
      }
      refused += 1
      let issue = error.issues[0]
      #expect(!issue.subject.isEmpty && issue.message.count > 20, "\(issue)")
      // Functions that build bodies say what they got in words of their own.
      guard use.takesAnyCount else { continue }
      for operand in issue.operands { #expect(issue.message.contains("\(operand)"), "\(issue)") }
    }
    #expect(refused > 0 || family.type == "CopyValue" || family.type == "StopGradient")
  }
}
