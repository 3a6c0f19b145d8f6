import Testing
import TributaryAutodiff
import TributaryOps

@Suite struct GraphInterpreterTests {
  @Test("a step computes fetches and new states from feeds and old states")
  func step() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let w = g.parameter("w", [2], initial: .constant(1))
    let y = sum(x * w)
    let d = g.gradients(of: y, withRespectTo: [w])
    let graph = try g.graph(fetching: [y, w], updating: Update([.init(state: w, value: w - 0.5 * d[w])]))
    let outcome = try GraphInterpreter(graph).run(
      feeding: ["x": try Tensor([Float(2), 4], shape: [2])],
      states: ["w": try Tensor([Float(1), 10], shape: [2])])
    #expect(try outcome.fetches[0].scalar(Float.self) == 42)
    #expect(try outcome.fetches[1].elements(Float.self) == [1, 10])
    #expect(try outcome.states["w"]?.elements(Float.self) == [0, 8])
  }

  @Test("what is missing or of another type is an error with its name")
  func refusals() throws {
    let g = GraphBuilder()
    let x = g.input("x", [2])
    let w = g.parameter("w", [2], initial: .constant(1))
    let interpreter = GraphInterpreter(try g.graph(fetching: [x + w]))
    let two = try Tensor([Float(2), 4], shape: [2])
    #expect { try interpreter.run(states: ["w": two]) } throws: { error in
      (error as? InterpreterError)?.code == .missing && "\(error)".contains("'x'")
    }
    #expect { try interpreter.run(feeding: ["x": two], states: ["w": Tensor(Float(1))]) } throws: { error in
      (error as? InterpreterError)?.code == .wrongType && "\(error)".contains("f32[2]")
    }
  }

  @Test("an operator's refusal carries the node and its line")
  func fault() throws {
    let g = GraphBuilder()
    let table = g.input("table", [3, 2])
    let ids = g.input("ids", [1], dtype: .int64)
    let line: UInt = #line + 1
    let rows = g.scope("words") { embedding(table, ids) }
    let interpreter = GraphInterpreter(try g.graph(fetching: [rows]))
    let feeds = ["table": try Tensor(zeros: table.type), "ids": try Tensor([Int64(7)], shape: [1])]
    #expect { try interpreter.run(feeding: feeds) } throws: { error in
      let text = "\(error)"
      return (error as? InterpreterError)?.code == .fault && text.contains("words/embedding")
        && text.contains("GraphInterpreterTests.swift:\(line)") && text.contains("7")
    }
  }
}
