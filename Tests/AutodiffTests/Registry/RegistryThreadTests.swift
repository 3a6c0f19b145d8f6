import Synchronization
import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

/// Every registered operator, forward, backward and in forward mode, cut as finely as it may be: the bits do not depend
/// on the number of threads.
@Suite(.serialized) struct RegistryThreadTests {
  @Test(arguments: OperatorFamily.all)
  func bitsAreEqualAtAllThreadCounts(_ family: OperatorFamily) throws {
    for seed in 1...3 {
      var draw = Draw(seed: 200 + seed, size: 3000)
      let wide = try family.sound(&draw)
      for use in [wide, try wide.narrowed()] {
        let g = GraphBuilder()
        let (x, feeds) = use.inputs(of: g)
        let fetches = use.derived(g, x)
        let executable = try Executable(
          graph: try g.graph(fetching: fetches), fetching: fetches,
          options: CompileOptions(granularity: .finest))
        let needed = Set(executable.inputs.map(\.name))
        let fed = feeds.filter { needed.contains($0.key.name) }
        var first: [[UInt8]]?
        for executor in Executors.all {
          let bytes = try executable.run(on: executor, nil, feeding: fed).tensors.map(\.bytes)
          if let first {
            #expect(
              bytes == first, "draw \(seed), \(use.points.map(\.type)), \(executor.workerCount) threads")
          }
          first = first ?? bytes
        }
      }
    }
  }
}

extension OperatorUse {
  /// The results, their cotangents' way back, and their tangents where there is one for each.
  func derived(_ g: GraphBuilder, _ x: [Value]) -> [Value] {
    let outputs = build(g, x)
    let smooth = outputs.filter(\.dtype.isFloatingPoint)
    let variables = x.filter(\.dtype.isFloatingPoint)
    guard !smooth.isEmpty, !variables.isEmpty, Self.isDifferentiable(g) else { return outputs }
    let gradients = g.gradients(of: smooth, cotangents: smooth.map { square($0) }, withRespectTo: variables)
    let tangents = g.jvp(of: smooth, withRespectTo: variables, tangents: variables.map { sin($0) })
    return outputs + gradients.all + tangents
  }

  /// Whether every operator in a builder through which derivatives go has a rule.
  static func isDifferentiable(_ g: GraphBuilder) -> Bool {
    g.contents.withLock { contents in
      contents.nodes.allSatisfy { node in
        guard let applied = node.appliedOperator, !(applied is StopGradient) else { return true }
        return applied is any DifferentiableOperator || !node.outputs.contains(where: \.dtype.isFloatingPoint)
          || !node.inputs.contains(where: { contents.nodes[$0.node].outputs[$0.output].dtype.isFloatingPoint }
          )
      }
    }
  }
}
