public import Tributary

/// A workload on a graph: its parameters and inputs by the names that the trajectory fixtures use, and its loss.
public struct WorkloadModel: Sendable {
  /// A parameter with its name.
  public struct Parameter: Sendable {
    /// The name, as in the fixtures.
    public let name: String
    /// The value on the graph.
    public let value: Value
  }

  /// An input with its name and how to sample it.
  public struct Input: Sendable {
    /// What the elements of an input are.
    public enum Content: Sendable, Hashable {
      /// Standard normal numbers.
      case normal
      /// Zeros and ones, in turn.
      case alternating
      /// Whole numbers from 0 up to a bound.
      case classes(Int)
    }

    /// The name, as in the fixtures without `input.` or `target.`.
    public let name: String
    /// The value on the graph.
    public let value: Value
    /// What the elements are.
    public let content: Content
  }

  /// The graph.
  public let graph: GraphBuilder

  /// The parameters, in declaration order.
  public private(set) var parameters: [Parameter] = []

  /// The inputs, in declaration order.
  public private(set) var inputs: [Input] = []

  /// The loss, a scalar.
  public internal(set) var loss: Value

  init(on graph: GraphBuilder) {
    self.graph = graph
    loss = graph.constant(0)
  }

  /// A matrix of weights [in, out], drawn with deviation 1 / √in.
  mutating func weight(_ name: String, _ fanIn: Int, _ fanOut: Int) -> Value {
    parameter(name, [fanIn, fanOut], .normal(1 / Double(fanIn).squareRoot()))
  }

  /// A vector of zeros.
  mutating func bias(_ name: String, _ count: Int) -> Value { parameter(name, [count], .constant(0)) }

  mutating func parameter(_ name: String, _ shape: Shape, _ initial: Initializer) -> Value {
    let value = graph.parameter(name, shape, initial: initial)
    parameters.append(Parameter(name: name, value: value))
    return value
  }

  mutating func input(_ name: String, _ shape: Shape, _ content: Input.Content = .normal) -> Value {
    let dtype: DType = if case .classes = content { .int64 } else { .float32 }
    let value = graph.input(name, shape, dtype: dtype)
    inputs.append(Input(name: name, value: value, content: content))
    return value
  }

  /// Data for every input. The same seed gives the same bits.
  /// - Throws: `ShapeError` when an input's shape is impossible.
  public func sampleInputs(seed: UInt64) throws(ShapeError) -> [Value: Tensor] {
    var feeds: [Value: Tensor] = [:]
    for (stream, input) in inputs.enumerated() { feeds[input.value] = try input.sample(seed, UInt64(stream)) }
    return feeds
  }
}

extension WorkloadModel.Input {
  func sample(_ seed: UInt64, _ stream: UInt64) throws(ShapeError) -> Tensor {
    let shape = value.shape
    switch content {
    case .normal:
      return try Tensor(initial: .normal(1), type: TensorType(.float32, shape), seed: seed, stream: stream)
    case .alternating:
      return try Tensor((0..<shape.elementCount).map { Float($0 % 2) }, shape: shape)
    case .classes(let bound):
      let unit = try Tensor(
        initial: .uniform(0.5), type: TensorType(.float64, shape), seed: seed, stream: stream)
      let ids = try unit.elements(Double.self).map { Int64(($0 + 0.5) * Double(bound)) % Int64(bound) }
      return try Tensor(ids, shape: shape)
    }
  }
}
