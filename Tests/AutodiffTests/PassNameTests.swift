import Testing
import TributaryAutodiff
import TributaryOps

@Suite struct PassNameTests {
  @Test func aTextLeavesPassesOut() throws {
    let two = try PassSelection(parsing: "-dead-code, -identities")
    #expect(two.omitted == ["dead-code", "identities"])
    #expect(two.description == "-identities,-dead-code")
    #expect(!two.contains(DeadCodeElimination()) && two.contains(ConstantFolding()))
    #expect(try PassSelection(parsing: "") == .all)
    #expect(try PassSelection(parsing: "-all") == .none)
  }

  @Test("the names are those of the passes")
  func names() {
    let passes: [any Pass] = [
      IdentityElimination(), TransposeAbsorption(), SliceAssembly(), ConstantFolding(),
      ArithmeticSimplification(), CommonSubexpressions(),
      DeadCodeElimination(), AttentionRecognition(), EntropyRecognition(), ProductStacking(),
      GradientStacking(), OutputTrimming(), ElementwiseFusion(), Epilogues(),
    ]
    #expect(PassSelection.names == passes.map(\.name))
  }

  @Test(arguments: ["dead-code", "-fusion", "-", "-all,x"])
  func aTextThatNamesNoPassIsRefused(_ text: String) {
    let error = #expect(throws: GraphError.self) { try PassSelection(parsing: text) }
    #expect(error?.issues.first?.message.contains("write a minus and one of all, identities") == true)
  }

  @Test func aGraphIsCompiledWithoutAPass() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let graph = try g.graph(fetching: [tanh(x) * tanh(x)])
    #expect(graph.simplified().nodes.count == 3)
    #expect(graph.simplified(by: try PassSelection(parsing: "-common-subexpressions")).nodes.count == 4)
  }
}
