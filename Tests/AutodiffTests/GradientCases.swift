import Testing
import TributaryAutodiff
import TributaryOps

/// A function whose derivatives are checked against central differences.
struct GradientCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// Whether second derivatives exist around the points and are checked too; a case without says why.
  let isSmooth: Bool
  let points: @Sendable (inout Numbers) throws -> [Tensor]
  let function: @Sendable (GraphBuilder, [Value]) -> Value

  init(
    _ name: String, smooth: Bool = true, points: @escaping @Sendable (inout Numbers) throws -> [Tensor],
    _ function: @escaping @Sendable (GraphBuilder, [Value]) -> Value
  ) {
    self.name = name
    isSmooth = smooth
    self.points = points
    self.function = function
  }

  var testDescription: String { name }

  static let all: [GradientCase] =
    unary + binary + reductions + products + shapes + slices + softmaxes + losses + indexing + composite
    + normalizations + attentions + order + masks + images
    + parametric + pairLosses + statistics + rearrangements + einsums
}

private let oddShapes: [Shape] = [[], [0], [1], [7], [3, 5], [2, 1, 3]]

extension GradientCase {
  private static func elementwise(
    _ name: String, in range: ClosedRange<Double> = -1.5...1.5,
    _ function: @escaping @Sendable (Value) -> Value
  ) -> [GradientCase] {
    oddShapes.map { shape in
      GradientCase(
        "\(name) \(shape)", points: { [try $0.tensor(shape, in: range)] }, { _, x in function(x[0]) })
    }
  }

  static let unary: [GradientCase] =
    elementwise("neg") { -$0 } + elementwise("exp") { exp($0) } + elementwise("log", in: 0.4...3) { log($0) }
    + elementwise("log1p", in: -0.6...3) { log1p($0) } + elementwise("expm1") { expm1($0) }
    + elementwise("sqrt", in: 0.4...3) { sqrt($0) } + elementwise("rsqrt", in: 0.4...3) { rsqrt($0) }
    + elementwise("square") { square($0) } + elementwise("reciprocal", in: 0.4...3) { reciprocal($0) }
    + elementwise("tanh") { tanh($0) } + elementwise("sigmoid") { sigmoid($0) }
    + elementwise("sin") { sin($0) }
    + elementwise("cos") { cos($0) } + elementwise("erf") { erf($0) }
    + elementwise("softplus") { softplus($0) }
    + elementwise("silu") { silu($0) } + elementwise("gelu") { gelu($0) }
    + elementwise("gelu tanh") { gelu($0, approximate: true) }
    + elementwise("cube") { pow($0, 3) } + elementwise("power 2.5", in: 0.4...3) { pow($0, 2.5) }
    + elementwise("power -2", in: 0.4...3) { pow($0, -2) }
    + elementwise("power -1.5", in: 0.4...3) { pow($0, -1.5) }
    + elementwise("power 1.5", in: 0.4...3) { pow($0, 1.5) }
    + elementwise("power -3", in: 0.4...3) { pow($0, -3) }
    + elementwise("power -4", in: 0.4...3) { pow($0, -4) }
    + [-1, -0.5, 0, 0.5, 1, 2].flatMap { exponent in
      elementwise("power \(exponent)", in: 0.4...3) { pow($0, exponent) }
    }
    + [
      GradientCase("relu", points: { [try $0.awayFromZero([3, 5])] }, { _, x in relu(x[0]) }),
      GradientCase(
        "relu squared", points: { [try $0.awayFromZero([3, 5])] }, { _, x in square(relu(x[0])) }),
      GradientCase("abs", points: { [try $0.awayFromZero([7])] }, { _, x in abs(x[0]) }),
      GradientCase("abs cubed", points: { [try $0.awayFromZero([7])] }, { _, x in pow(abs(x[0]), 3) }),
      GradientCase(
        "sign times x", points: { [try $0.awayFromZero([7])] }, { _, x in sign(x[0]) * square(x[0]) }),
    ]

  private static let broadcasts: [(Shape, Shape)] = [
    ([3, 5], [3, 5]), ([3, 5], [5]), ([5], [3, 5]), ([3, 1], [1, 5]), ([], [2, 3]), ([2, 3], []),
    ([2, 1, 3], [4, 1]), ([1], [1]), ([0, 3], [3]), ([0], [1]),
  ]

  private static func pairs(
    _ name: String, in range: ClosedRange<Double> = -1.5...1.5,
    _ function: @escaping @Sendable (Value, Value) -> Value
  ) -> [GradientCase] {
    broadcasts.map { a, b in
      GradientCase(
        "\(name) \(a) \(b)",
        points: { [try $0.tensor(a, in: range), try $0.tensor(b, in: range)] },
        { _, x in function(x[0], x[1]) })
    }
  }

  static let binary: [GradientCase] =
    pairs("add") { $0 + $1 } + pairs("sub") { $0 - $1 }
    + pairs("mul") { $0 * $1 }
    + pairs("div", in: 0.4...2) { $0 / $1 } + pairs("pow", in: 0.4...2) { pow($0, $1) }
    + pairs("maximum") { maximum($0, $1) }
    + pairs("minimum") { minimum($0, $1) }
    + pairs("maximum of products") { maximum($0 * $1, square($0)) }
    + pairs("select") { select($0 .> $1, $0 * $1, square($1)) }
    + [
      GradientCase(
        "numbers", points: { [try $0.tensor([4], in: -0.5...0.8)] },
        { _, x in 2 / (1 - (3 * x[0] + 0.5) / 4) }),
      GradientCase("one value twice", points: { [try $0.tensor([4])] }, { _, x in x[0] * x[0] + x[0] }),
    ]

  static let reductions: [GradientCase] = {
    let axes: [(Shape, [Int]?)] = [
      ([3, 5], nil), ([3, 5], [0]), ([3, 5], [-1]), ([2, 3, 4], [0, 2]), ([2, 3, 4], [1]), ([], nil),
      ([1, 4], [0]),
      ([3, 2], []),
    ]
    func cases(
      _ name: String, distinct: Bool = false,
      _ function: @escaping @Sendable (Value, [Int]?, Bool) -> Value
    ) -> [GradientCase] {
      axes.flatMap { shape, axes in
        [false, true].map { keep in
          GradientCase(
            "\(name) \(shape) over \(axes.map(\.description) ?? "all")\(keep ? " kept" : "")",
            points: { [distinct ? try $0.distinct(shape) : try $0.tensor(shape)] },
            { _, x in function(x[0], axes, keep) })
        }
      }
    }
    return cases("sum") { sum($0, axes: $1, keepDimensions: $2) }
      + cases("mean of squares") { mean(square($0), axes: $1, keepDimensions: $2) }
      + cases("max", distinct: true) { max($0, axes: $1, keepDimensions: $2) }
      + cases("min squared", distinct: true) { square(min($0, axes: $1, keepDimensions: $2)) }
      + cases("norm") { norm($0, axes: $1, keepDimensions: $2) }
      + cases("log sum exp") { logSumExp($0, axes: $1, keepDimensions: $2) }
  }()
}
