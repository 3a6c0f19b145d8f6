public import TributaryAutodiff
public import TributaryOps

/// What an LSTM carries from one time to the next.
public struct LSTMState: Sendable {
  /// h, `[batch, hidden]`: what the network shows.
  public var hidden: Value

  /// c, `[batch, hidden]`: what it remembers.
  public var cell: Value

  /// A state of its two parts.
  public init(hidden: Value, cell: Value) {
    self.hidden = hidden
    self.cell = cell
  }
}

/// One step of a long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers and others 2000):
///
///     z = x·Wx + h·Wh + b, cut into i, f, g, o
///     c′ = σ(f)·c + σ(i)·tanh(g)
///     h′ = σ(o)·tanh(c′)
///
/// x is `[batch, inputs]`, h, c, h′ and c′ `[batch, hidden]`. All four gates are one projection, in the order of PyTorch.
/// Costs 8 · batch · hidden · (inputs + hidden) FLOP. Calling a cell several times shares its weights.
public struct LSTMCell: Parameterized {
  /// The length of a state.
  public let hidden: Int

  /// Wx, `[inputs, 4·hidden]`, columns `[4, hidden]` for i, f, g, o.
  public let inputWeight: Parameter

  /// Wh, `[hidden, 4·hidden]`, columns as those of Wx.
  public let hiddenWeight: Parameter

  /// b, `[4·hidden]`.
  public let bias: Parameter

  /// A cell with fresh parameters.
  /// - Parameters:
  ///   - inputs: The length of an input.
  ///   - hidden: The length of a state.
  ///   - forgetBias: What b begins with for the forget gate, elsewhere 0; above 0 the network remembers at first
  ///     (Jozefowicz, Zaremba and Sutskever 2015).
  ///   - dtype: The parameters' element type.
  public init(_ inputs: Int, _ hidden: Int, forgetBias: Double = 1, dtype: DType = .float32) {
    self.hidden = hidden
    inputWeight = Parameter([inputs, 4 * hidden], dtype: dtype, initial: .glorotUniform)
    hiddenWeight = Parameter([hidden, 4 * hidden], dtype: dtype, initial: .glorotUniform)
    let first = (0..<Swift.max(4 * hidden, 0)).map { $0 / hidden == 1 ? forgetBias : 0 }
    bias = Parameter([4 * hidden], dtype: dtype, initial: .values(first))
  }

  /// The next state; nil stands for a state of zeros.
  public func callAsFunction(_ x: Value, _ state: LSTMState?) -> LSTMState {
    let input = matmul(x, inputWeight.value(in: x.builder))
    let sum = state.map { input + matmul($0.hidden, hiddenWeight.value(in: x.builder)) } ?? input
    let gates = split(
      sum + bias.value(in: x.builder), sizes: [hidden, hidden, hidden, hidden], axis: -1)
    let added = sigmoid(gates[0]) * tanh(gates[2])
    let cell = state.map { sigmoid(gates[1]) * $0.cell + added } ?? added
    return LSTMState(hidden: sigmoid(gates[3]) * tanh(cell), cell: cell)
  }
}

/// A long short-term memory over axis 1, unrolled: `[batch, time, inputs]` becomes the last h, `[batch, hidden]`, or the h of
/// all times, `[batch, time, hidden]`, for another layer to read. The first state is zero unless another is given.
///
/// ```swift
/// let classifier = Sequential { LSTM(28, 128, output: .all); LSTM(128, 128); Linear(128, 10) }
/// ```
///
/// See ``LSTMCell`` for the formula and the cost of a time.
public struct LSTM: Layer {
  /// Which states are handed on.
  public enum Output: Sendable, Hashable {
    /// h after the last time.
    case last
    /// h after every time.
    case all
  }

  /// The step that all times share.
  public let cell: LSTMCell

  /// Which states are handed on.
  public let output: Output

  /// A network with a fresh cell; see ``LSTMCell/init(_:_:forgetBias:dtype:)``.
  public init(
    _ inputs: Int, _ hidden: Int, output: Output = .last, forgetBias: Double = 1, dtype: DType = .float32
  ) {
    cell = LSTMCell(inputs, hidden, forgetBias: forgetBias, dtype: dtype)
    self.output = output
  }

  /// Applies the cell to every time in order, from a state of zeros.
  public func callAsFunction(_ x: Value) -> Value { self(x, from: nil).output }

  /// Applies the cell to every time in order. Another rank than 3, or no time at all, is recorded as an error of the
  /// graph.
  /// - Parameters:
  ///   - x: `[batch, time, inputs]`.
  ///   - first: The state before the first time; nil stands for zeros.
  /// - Returns: What ``output`` asks for, and the state after the last time, to go on from.
  public func callAsFunction(_ x: Value, from first: LSTMState?) -> (output: Value, state: LSTMState) {
    guard x.rank == 3, x.shape[1] > 0 else {
      let poisoned = slice(x, axis: 2, 0..<(x.rank == 3 ? x.shape[2] + 1 : 0))
      return (poisoned, LSTMState(hidden: poisoned, cell: poisoned))
    }
    var states: [LSTMState] = []
    for time in 0..<x.shape[1] {
      let now = reshape(slice(x, axis: 1, time..<(time + 1)), [x.shape[0], x.shape[2]])
      states.append(x.builder.scope("t\(time)") { cell(now, states.last ?? first) })
    }
    let last = states[states.count - 1]
    return (output == .last ? last.hidden : stack(states.map(\.hidden), axis: 1), last)
  }
}
