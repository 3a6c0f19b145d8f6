internal import Tributary
internal import TributaryMeasuring

extension OperatorSubject {
  /// Functions of elements that lie at the same place.
  static let elementwise: [OperatorSubject] =
    arithmetic.map { unary($0.name, .bandwidth, $0.call, $0.fill, $0.function) }
    + transcendental.map { unary($0.name, .peer, $0.call, $0.fill, $0.function) }
    + [
      binary("add", "x[0] + x[1]") { $0 + $1 },
      binary("sub", "x[0] - x[1]") { $0 - $1 },
      binary("mul", "x[0] * x[1]") { $0 * $1 },
      binary("div", "x[0] / x[1]", .positive) { $0 / $1 },
      binary("maximum", "torch.maximum(x[0], x[1])") { maximum($0, $1) },
      binary("minimum", "torch.minimum(x[0], x[1])") { minimum($0, $1) },
      OperatorSubject(
        "add", "a row", goal: .bandwidth, "x[0] + x[1]",
        { [CaseInput($0.matrix), CaseInput([$0.matrix[1]])] }, { _, x in [x[0] + x[1]] }),
      OperatorSubject(
        "mul", "a column", goal: .bandwidth, "x[0] * x[1]",
        { [CaseInput($0.matrix), CaseInput([$0.matrix[0], 1])] }, { _, x in [x[0] * x[1]] }),
      OperatorSubject(
        "pow", goal: .peer, "torch.pow(x[0], x[1])",
        { [CaseInput($0.matrix, .positive), CaseInput($0.matrix)] }, { _, x in [pow(x[0], x[1])] }),
      OperatorSubject(
        "pow", "1.5", goal: .peer, "torch.pow(x[0], 1.5)", { [CaseInput($0.matrix, .positive)] },
        { _, x in [pow(x[0], 1.5)] }),
      OperatorSubject(
        "where", goal: .bandwidth, "torch.where(x[0], x[1], x[2])",
        { [CaseInput($0.matrix, .boolean), CaseInput($0.matrix), CaseInput($0.matrix)] },
        { _, x in [select(x[0], x[1], x[2])] }),
      OperatorSubject(
        "greater", goal: .bandwidth, "x[0] > x[1]", { [CaseInput($0.matrix), CaseInput($0.matrix)] },
        { _, x in [x[0] .> x[1]] }),
      OperatorSubject(
        "cast", "f32 to f64", goal: .bandwidth, "x[0].double()", { [CaseInput($0.matrix)] },
        { _, x in [cast(x[0], to: .float64)] }),
      OperatorSubject(
        "dropout", goal: .peer, "F.dropout(x[0], 0.1)", { [CaseInput($0.matrix)] },
        { _, x in [dropout(x[0], rate: 0.1, stream: 1, step: x[0].builder.constant(Tensor(Int64(1))))] }),
    ]

  private typealias Function = @Sendable (Value) -> Value

  private static let arithmetic: [(name: String, call: String, fill: CaseInput.Fill, function: Function)] = [
    ("neg", "-x[0]", .real, { -$0 }),
    ("abs", "torch.abs(x[0])", .real, { abs($0) }),
    ("sign", "torch.sign(x[0])", .real, { sign($0) }),
    ("square", "torch.square(x[0])", .real, { square($0) }),
    ("sqrt", "torch.sqrt(x[0])", .positive, { sqrt($0) }),
    ("rsqrt", "torch.rsqrt(x[0])", .positive, { rsqrt($0) }),
    ("reciprocal", "torch.reciprocal(x[0])", .positive, { reciprocal($0) }),
    ("relu", "torch.relu(x[0])", .real, { relu($0) }),
    ("leaky_relu", "F.leaky_relu(x[0], 0.01)", .real, { leakyRelu($0) }),
    ("clamp", "torch.clamp(x[0], -1, 1)", .real, { clamp($0, min: -1, max: 1) }),
  ]

  private static let transcendental:
    [(name: String, call: String, fill: CaseInput.Fill, function: Function)] =
      [
        ("exp", "torch.exp(x[0])", .real, { exp($0) }),
        ("expm1", "torch.expm1(x[0])", .real, { expm1($0) }),
        ("log", "torch.log(x[0])", .positive, { log($0) }),
        ("log1p", "torch.log1p(x[0])", .positive, { log1p($0) }),
        ("tanh", "torch.tanh(x[0])", .real, { tanh($0) }),
        ("sigmoid", "torch.sigmoid(x[0])", .real, { sigmoid($0) }),
        ("silu", "F.silu(x[0])", .real, { silu($0) }),
        ("gelu", "F.gelu(x[0])", .real, { gelu($0) }),
        ("softplus", "F.softplus(x[0])", .real, { softplus($0) }),
        ("elu", "F.elu(x[0])", .real, { elu($0) }),
        ("selu", "F.selu(x[0])", .real, { selu($0) }),
        ("erf", "torch.erf(x[0])", .real, { erf($0) }),
        ("sin", "torch.sin(x[0])", .real, { sin($0) }),
        ("cos", "torch.cos(x[0])", .real, { cos($0) }),
      ]

  private static func unary(
    _ name: String, _ goal: OperatorGoal, _ call: String, _ fill: CaseInput.Fill,
    _ function: @escaping @Sendable (Value) -> Value
  ) -> OperatorSubject {
    OperatorSubject(name, goal: goal, call, { [CaseInput($0.matrix, fill)] }, { _, x in [function(x[0])] })
  }

  private static func binary(
    _ name: String, _ call: String, _ fill: CaseInput.Fill = .real,
    _ function: @escaping @Sendable (Value, Value) -> Value
  ) -> OperatorSubject {
    OperatorSubject(
      name, goal: .bandwidth, call, { [CaseInput($0.matrix, fill), CaseInput($0.matrix, fill)] },
      { _, x in [function(x[0], x[1])] })
  }
}
