import TributaryAutodiff
import TributaryOps
import TributaryScheduler

@testable import TributaryTraining

/// A layer in f64 with its gradients by every parameter, to be compared with central differences of the fourth order.
struct LayerGradients {
  private let executable: Executable
  private let store: ParameterStore
  private let executor: GraphExecutor
  private let input: Value
  private let point: Tensor
  private let loss: Value
  private let gradients: [(name: String, value: Value)]

  /// The layer at a point; the loss is Σ y·c with fixed c, so that every element counts.
  init(_ layer: some Layer, at point: Tensor, on executor: GraphExecutor) throws {
    let builder = GraphBuilder()
    self.executor = executor
    self.point = point
    input = builder.input("x", point.shape, dtype: point.dtype)
    layer.declareParameters(in: builder)
    let y = layer(input)
    let weights = (0..<y.type.elementCount).map { index in
      2 * (Double(index + 1) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1) - 1
    }
    loss = sum(y * builder.constant(try Tensor(weights, shape: y.shape)))
    let parameters = builder.parameters
    let derivatives = builder.gradients(of: loss, withRespectTo: parameters)
    gradients = parameters.map { ($0.name, derivatives[$0]) }
    executable = try builder.compile(fetching: [loss] + gradients.map(\.value))
    store = ParameterStore(executable, seed: 5)
    // Away from the symmetric beginnings, biases of 0 and weights of 1, and from rows so small that a normalisation bends
    // sharply within a step.
    for (name, _) in gradients {
      let tensor = try store.tensor(named: name)
      let moved = try tensor.elements(Double.self).enumerated().map { index, element in
        element * 3 + 0.4 * Double((index * 7) % 5 - 2)
      }
      try store.setTensor(Tensor(moved, shape: tensor.shape), named: name)
    }
  }

  /// The largest difference, in units of the largest derivative by the same parameter, at least 1; and where it is.
  func largestError(step: Double = 1e-5) throws -> (error: Double, parameter: String) {
    let derivatives = try executable.run(on: executor, store, feeding: [input: point])
    var largest = (error: 0.0, parameter: "none")
    for (name, gradient) in gradients {
      let exact = try derivatives[gradient].elements(Double.self)
      let scale = exact.reduce(1) { Swift.max($0, Swift.abs($1)) }
      let tensor = try store.tensor(named: name)
      let elements = try tensor.elements(Double.self)
      for index in elements.indices {
        func value(_ element: Double) throws -> Double {
          var moved = elements
          moved[index] = element
          try store.setTensor(Tensor(moved, shape: tensor.shape), named: name)
          return try executable.run(on: executor, store, feeding: [input: point])[loss].scalar(Double.self)
        }
        func slope(_ reach: Double) throws -> Double {
          let (above, below) = (elements[index] + reach, elements[index] - reach)
          return (try value(above) - value(below)) / (above - below)
        }
        let difference = (try 4 * slope(step) - slope(2 * step)) / 3
        let error = Swift.abs(difference - exact[index]) / scale
        if !(error <= largest.error) { largest = (error, "\(name)[\(index)]") }
      }
      try store.setTensor(tensor, named: name)
    }
    return largest
  }
}
