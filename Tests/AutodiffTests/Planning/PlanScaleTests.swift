import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

/// Large graphs: nothing overflows, nothing takes more than near-linear time or memory.
@Suite(.serialized) struct PlanScaleTests {
  @Test func manySmallOperatorsBecomeManyFewerTasks() throws {
    let type = TensorType(.float64, [8])
    var nodes = (0..<4).map { index in
      Node(kind: .input("x\(index)"), inputs: [], outputs: [type], name: "x\(index)", source: "")
    }
    let count = 20_000
    for index in 0..<count {
      let near = nodes.count - 1 - index % 4
      let far = max(0, nodes.count - 1 - (index * 7919) % 61)
      nodes.append(
        Node(
          kind: .apply(Binary(index % 3 == 0 ? .sub : .maximum)),
          inputs: [ValueID(node: near), ValueID(node: far)],
          outputs: [type], name: "n\(index)", source: ""))
    }
    let graph = Graph(
      nodes: nodes, states: [], fetches: [.value(ValueID(node: nodes.count - 1))], assignments: [])
    let executable = try Executable(graph: graph)
    #expect(executable.plan.taskCount * 8 < count, "\(executable.plan.summary)")
    #expect(executable.plan.arenaBytes * 4 < executable.plan.valueBytes, "\(executable.plan.summary)")
    var feeds: [String: Tensor] = [:]
    for index in 0..<4 { feeds["x\(index)"] = try Model.noise([8], .float64, stream: UInt64(index)) }
    let expected = try GraphInterpreter(graph).run(feeding: feeds).fetches[0]
    for executor in Executors.all {
      let output = try executable.run(on: executor, feedingByName: feeds).tensors[0]
      #expect(output.bytes == expected.bytes)
    }
  }
}
