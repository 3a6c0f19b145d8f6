import Foundation
import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler

@testable import TributaryTraining

@Suite(.serialized) struct LSTMTests {
  private func points(_ shape: Shape) throws -> Tensor {
    let elements = (0..<shape.elementCount).map { Double(($0 * 5) % 11) / 5 - 1 }
    return try Tensor(elements, shape: shape)
  }

  @Test func parametersAreNamedByTheirPlaces() {
    let builder = GraphBuilder()
    let layer = LSTM(3, 5)
    layer.declareParameters(in: builder)
    #expect(layer(builder.input("x", [2, 7, 3])).shape == [2, 5])
    #expect(builder.parameters.map(\.name) == ["cell/inputWeight", "cell/hiddenWeight", "cell/bias"])
    #expect(builder.parameters.map(\.shape) == [[3, 20], [5, 20], [20]])
    #expect(builder.issues.isEmpty)
  }

  @Test func layersAreStackedByAllStates() {
    let builder = GraphBuilder()
    let chain = Sequential {
      LSTM(3, 5, output: .all)
      LSTM(5, 4)
    }
    #expect(LSTM(3, 5, output: .all)(builder.input("x", [2, 7, 3])).shape == [2, 7, 5])
    #expect(chain(builder.input("z", [2, 7, 3])).shape == [2, 4] && builder.issues.isEmpty)
  }

  @Test func wrongShapesAreRecordedNotTrapped() {
    let builder = GraphBuilder()
    let layer = LSTM(3, 5)
    let state = LSTMState(hidden: builder.input("h", [2, 4]), cell: builder.input("c", [2, 5]))
    let wrong = [
      layer(builder.input("flat", [2, 3])), layer(builder.input("scalar", [])),
      layer(builder.input("no time", [2, 0, 3])), layer(builder.input("wide", [2, 7, 4])),
      layer(builder.input("x", [2, 7, 3]), from: state).output, LSTM(3, -1)(builder.input("y", [2, 7, 3])),
    ]
    #expect(wrong.allSatisfy { $0.isPoisoned })
    #expect(builder.issues.count >= wrong.count, "\(builder.issues)")
  }

  @Test func theForgetGateBeginsOpen() throws {
    let builder = GraphBuilder()
    let layer = LSTM(2, 3, forgetBias: 1.5)
    let y = layer(builder.input("x", [1, 1, 2]))
    let store = ParameterStore(try builder.compile(fetching: [y]), seed: 1)
    let name = try #require(store.names.last)
    #expect(
      try store.tensor(named: name).elements(Float.self)
        == [0, 0, 0, 1.5, 1.5, 1.5, 0, 0, 0, 0, 0, 0])
  }

  /// Three times by the formula, in plain Swift, from a state that is not zero; going on from a state equals not stopping.
  @Test(arguments: [1, 3]) func followsItsFormula(threads: Int) throws {
    let (batch, inputs, hidden, times) = (2, 3, 4, 3)
    let layer = LSTM(inputs, hidden, output: .all, dtype: .float64)
    let builder = GraphBuilder()
    layer.declareParameters(in: builder)
    let x = builder.input("x", [batch, times, inputs], dtype: .float64)
    let h = builder.input("h", [batch, hidden], dtype: .float64)
    let c = builder.input("c", [batch, hidden], dtype: .float64)
    let whole = layer(x, from: LSTMState(hidden: h, cell: c))
    let first = layer(slice(x, axis: 1, 0..<1), from: LSTMState(hidden: h, cell: c))
    let rest = layer(slice(x, axis: 1, 1..<times), from: first.state)
    let fetches = [whole.output, whole.state.hidden, whole.state.cell, rest.state.hidden, rest.state.cell]
    let executable = try builder.compile(fetching: fetches)
    let store = ParameterStore(executable, seed: 2)
    let executor = try GraphExecutor(workers: threads)
    defer { executor.shutdown() }
    let feeds = [
      x: try points([batch, times, inputs]), h: try points([batch, hidden]),
      c: try points([batch, hidden]),
    ]
    let results = try executable.run(on: executor, store, feeding: feeds)
    #expect(try results[fetches[1]].elements(Double.self) == results[fetches[3]].elements(Double.self))
    #expect(try results[fetches[2]].elements(Double.self) == results[fetches[4]].elements(Double.self))

    let wx = try store.tensor(named: "cell/inputWeight").elements(Double.self)
    let wh = try store.tensor(named: "cell/hiddenWeight").elements(Double.self)
    let b = try store.tensor(named: "cell/bias").elements(Double.self)
    let xs = try points([batch, times, inputs]).elements(Double.self)
    func logistic(_ z: Double) -> Double { 1 / (1 + Foundation.exp(-z)) }
    let got = try results[whole.output].elements(Double.self)
    for row in 0..<batch {
      var state = try (0..<hidden).map {
        try points([batch, hidden]).elements(Double.self)[row * hidden + $0]
      }
      var memory = state
      for time in 0..<times {
        var z = b
        for column in 0..<(4 * hidden) {
          for index in 0..<inputs {
            z[column] += xs[(row * times + time) * inputs + index] * wx[index * 4 * hidden + column]
          }
          for index in 0..<hidden { z[column] += state[index] * wh[index * 4 * hidden + column] }
        }
        for unit in 0..<hidden {
          let added = logistic(z[unit]) * Foundation.tanh(z[2 * hidden + unit])
          memory[unit] = logistic(z[hidden + unit]) * memory[unit] + added
          state[unit] = logistic(z[3 * hidden + unit]) * Foundation.tanh(memory[unit])
          #expect(abs(state[unit] - got[(row * times + time) * hidden + unit]) < 1e-13)
        }
      }
    }
  }

  @Test(arguments: [LSTM.Output.last, .all]) func gradientsEqualDifferences(output: LSTM.Output) throws {
    let executor = try GraphExecutor(workers: 2)
    defer { executor.shutdown() }
    let layer = LSTM(3, 4, output: output, dtype: .float64)
    let worst = try LayerGradients(layer, at: points([2, 4, 3]), on: executor).largestError()
    #expect(worst.error < 1e-7, "\(worst)")
  }
}
