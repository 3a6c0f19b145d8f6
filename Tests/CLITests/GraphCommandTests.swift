import Foundation
import Testing
import TributaryTestSupport

@Suite struct GraphCommandTests {
  @Test(arguments: ["mlp", "siamese", "rnn", "lstm", "cnn", "transformer"]) func graphAndPlanArePrinted(
    model: String
  ) throws {
    let graph = try Command.run(["graph", "--model", model])
    #expect(graph.status == 0 && graph.output.contains("matmul"), "\(graph.errors)")
    let plan = try Command.run(["graph", "--model", model, "--plan"])
    #expect(
      plan.status == 0 && plan.output.contains("tasks") && plan.output.contains("peak"), "\(plan.errors)")
    let dot = try Command.run(["graph", "--model", model, "--dot"])
    #expect(dot.status == 0 && dot.output.hasPrefix("digraph"), "\(dot.errors)")
  }

  @Test func theStepsTimeIsPredicted() throws {
    let machine = "pack:2 numa:2 l3:4 core:8 pu:2"
    let result = try Command.run(
      ["graph", "--model", "mlp", "--predict", "1,2,4,64", "--synthetic", machine])
    try #require(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(lines.first?.contains("tasks,") == true)
    let rows = try #require(lines.firstIndex { $0.first == "workers" }).advanced(by: 1)
    #expect(lines[rows...].map { $0[0] } == ["1", "2", "4", "64"])
    let times = lines[rows...].compactMap { Double($0[1]) }
    let speedUps = lines[rows...].compactMap { Double($0[3]) }
    #expect(times.count == 4 && speedUps.count == 4)
    #expect(speedUps[0] > 0.9 && speedUps[0] <= 1)
    #expect(times[0] > times[1] && times[1] > times[2])
    #expect(zip([1.0, 2, 4, 64], speedUps).allSatisfy { $1 <= $0 })
    let again = try Command.run(
      ["graph", "--model", "mlp", "--predict", "1,2,4,64", "--synthetic", machine])
    #expect(again.output == result.output)
    let here = try Command.run(["graph", "--model", "siamese", "--predict", "2"])
    #expect(here.status == 0 && here.output.contains("speed-up"), "\(here.errors)")
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
