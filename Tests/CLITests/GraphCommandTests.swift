import Foundation
import Testing
import TributaryTestSupport

@Suite struct GraphCommandTests {
  @Test(arguments: ["mlp", "siamese", "rnn"]) func graphAndPlanArePrinted(model: String) throws {
    let graph = try Command.run(["graph", "--model", model])
    #expect(graph.status == 0 && graph.output.contains("matmul"), "\(graph.errors)")
    let plan = try Command.run(["graph", "--model", model, "--plan"])
    #expect(
      plan.status == 0 && plan.output.contains("tasks") && plan.output.contains("peak"), "\(plan.errors)")
    let dot = try Command.run(["graph", "--model", model, "--dot"])
    #expect(dot.status == 0 && dot.output.hasPrefix("digraph"), "\(dot.errors)")
  }

  @Test func theTaskGraphIsWritten() throws {
    let folder = try TemporaryFolder()
    let result = try Command.run(["graph", "--model", "mlp", "--json", folder.path("plan.json")])
    try #require(result.status == 0, "\(result.errors)")
    let plan = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: folder.path("plan.json"))))
        as? [String: Any])
    let tasks = try #require(plan["tasks"] as? [[String: Any]])
    #expect(plan["arena_bytes"] is Int && !tasks.isEmpty)
    for key in ["id", "name", "after", "reads", "writes"] {
      #expect(tasks.allSatisfy { $0[key] != nil }, "\(key)")
    }
    let unwritable = try Command.run(["graph", "--model", "mlp", "--json", folder.path("none/plan.json")])
    #expect(unwritable.status == 1 && unwritable.errors.contains("none/plan.json"))
  }
}
