public import TributaryAutodiff
public import TributaryOps

/// One step of an Elman network: h′ = tanh(x·Wx + h·Wh + b).
///
/// x is `[batch, inputs]`, h and h′ `[batch, hidden]`. Calling a cell several times shares its weights.
public struct ElmanCell: Parameterized {
  /// Wx, `[inputs, hidden]`.
  public let inputWeight: Parameter

  /// Wh, `[hidden, hidden]`.
  public let hiddenWeight: Parameter

  /// b, `[hidden]`.
  public let bias: Parameter

  /// A cell with fresh parameters; b begins with zeros.
  public init(_ inputs: Int, _ hidden: Int, dtype: DType = .float32) {
    inputWeight = Parameter([inputs, hidden], dtype: dtype, initial: .glorotUniform)
    hiddenWeight = Parameter([hidden, hidden], dtype: dtype, initial: .glorotUniform)
    bias = Parameter([hidden], dtype: dtype, initial: .constant(0))
  }

  /// The next state; nil stands for a state of zeros.
  public func callAsFunction(_ x: Value, _ state: Value?) -> Value {
    let input = matmul(x, inputWeight.value(in: x.builder))
    let sum = state.map { input + matmul($0, hiddenWeight.value(in: x.builder)) } ?? input
    return tanh(sum + bias.value(in: x.builder))
  }
}

/// An Elman network over axis 1, unrolled: `[batch, time, inputs]` becomes the last state, `[batch, hidden]`.
public struct Recurrent: Layer {
  /// The step that all times share.
  public let cell: ElmanCell

  /// A network with a fresh cell.
  public init(_ inputs: Int, _ hidden: Int, dtype: DType = .float32) {
    cell = ElmanCell(inputs, hidden, dtype: dtype)
  }

  /// Applies the cell to every time in order. Another rank than 3 is recorded as an error of the graph.
  public func callAsFunction(_ x: Value) -> Value {
    guard x.rank == 3, x.shape[1] > 0 else { return slice(x, axis: 2, 0..<0) }
    var state: Value?
    for time in 0..<x.shape[1] {
      state = x.builder.scope("t\(time)") {
        cell(reshape(slice(x, axis: 1, time..<(time + 1)), [x.shape[0], x.shape[2]]), state)
      }
    }
    return state ?? x
  }
}
