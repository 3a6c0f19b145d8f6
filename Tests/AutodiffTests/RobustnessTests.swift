import Testing
import TributaryAutodiff
import TributaryOps

/// Whatever a caller passes, building records mistakes and never traps: a trap would end the whole test run.
@Suite struct RobustnessTests {
  @Test("operators with any attributes on any operands", arguments: 0..<8)
  func operators(_ seed: Int) {
    var draw = Draw(seed: 100 + seed)
    let makers = OperatorFamily.all.compactMap(\.wild)
    var sound = 0
    for round in 0..<400 {
      let g = GraphBuilder()
      let inputs = draw.operands(g)
      let applied = makers[round % makers.count](&draw)
      if check(g, inputs, g.apply(applied, to: inputs)) { sound += 1 }
    }
    // Neither kind of outcome is rare.
    #expect((10...390).contains(sound), "\(sound)")
  }

  @Test("functions with any arguments", arguments: 0..<8)
  func functions(_ seed: Int) {
    var draw = Draw(seed: 200 + seed)
    var sound = 0
    for _ in 0..<400 {
      let g = GraphBuilder()
      let inputs = draw.operands(g)
      if check(g, inputs, draw.call(g, inputs)) { sound += 1 }
    }
    #expect((20...380).contains(sound), "\(sound)")
  }

  /// Either there is a graph, which prints, simplifies and differentiates, or an error with reasons.
  private func check(_ g: GraphBuilder, _ inputs: [Value], _ outputs: [Value]) -> Bool {
    do throws(GraphError) {
      let sound = try g.graph(fetching: outputs)
      // Large values are not computed here, only typed.
      if sound.isSmall { #expect(sound.simplified().fetches.count == outputs.count) }
      #expect(!sound.description.isEmpty && !sound.dot.isEmpty)
      let smooth = outputs.filter { $0.dtype.isFloatingPoint && $0.type.elementCount < 10_000 }
      let variables = inputs.filter(\.dtype.isFloatingPoint)
      let d = g.gradients(of: smooth, cotangents: smooth, withRespectTo: variables)
      let t = g.jvp(of: smooth, withRespectTo: variables, tangents: variables)
      do throws(GraphError) {
        _ = try g.graph(fetching: d.all + t)
        #expect(d.all.map(\.type) == variables.map(\.type) && t.map(\.type) == smooth.map(\.type))
      } catch {
        #expect(error.issues.allSatisfy { $0.code == .notDifferentiable }, "\(error)")
      }
      return true
    } catch {
      #expect(!error.issues.isEmpty)
      #expect(error.issues.allSatisfy { !$0.message.isEmpty && !$0.subject.isEmpty }, "\(error)")
      return false
    }
  }
}

extension Graph {
  /// Whether all values together can be computed in no time.
  var isSmall: Bool {
    nodes.allSatisfy { node in node.outputs.allSatisfy { $0.elementCount < 10_000 } }
  }
}
