internal import Foundation
internal import TributaryOps

/// A function of one float whose kernel is compared with the C library's in double.
struct AccuracySubject: Sendable {
  /// The operator's name.
  let name: String

  /// The operator.
  let op: any Operator

  /// The largest error allowed, in units of the last place of the result rounded to float.
  let bound: Double

  /// 1 where the function never decreases, -1 where it never increases on either side of 0, 0 where it does both.
  let direction: Int

  /// The function.
  let exact: @Sendable (Double) -> Double

  private init(
    _ function: UnaryFunction, bound: Double, direction: Int = 0,
    _ exact: @escaping @Sendable (Double) -> Double
  ) {
    (name, op) = (function.rawValue, Unary(function))
    (self.bound, self.direction, self.exact) = (bound, direction, exact)
  }

  /// A subject from its parts.
  init(
    _ name: String, _ op: any Operator, bound: Double, direction: Int,
    _ exact: @escaping @Sendable (Double) -> Double
  ) {
    (self.name, self.op, self.bound, self.direction, self.exact) = (name, op, bound, direction, exact)
  }

  /// Every function of one float, those with the tighter bound first.
  static let all: [AccuracySubject] = transcendental + activations + arithmetic

  private static let transcendental: [AccuracySubject] = [
    AccuracySubject(.exp, bound: 2, direction: 1) { exp($0) },
    AccuracySubject(.log, bound: 2, direction: 1) { log($0) },
    AccuracySubject(.tanh, bound: 2, direction: 1) { tanh($0) },
    AccuracySubject(.sigmoid, bound: 2, direction: 1) { sigmoid($0) },
    AccuracySubject(.erf, bound: 2, direction: 1) { erf($0) },
    AccuracySubject(.sin, bound: 2) { sin($0) },
    AccuracySubject(.cos, bound: 2) { cos($0) },
    AccuracySubject(.expm1, bound: 4, direction: 1) { expm1($0) },
    AccuracySubject(.log1p, bound: 4, direction: 1) { log1p($0) },
  ]

  private static let activations: [AccuracySubject] = [
    AccuracySubject(.softplus, bound: 4, direction: 1) { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) },
    AccuracySubject(.silu, bound: 4) { $0 == -.infinity ? 0 : $0 * sigmoid($0) },
    AccuracySubject(.gelu, bound: 4) { $0 == -.infinity ? 0 : $0 * 0.5 * erfc(-$0 / 2.0.squareRoot()) },
    AccuracySubject(.geluTanh, bound: 4) { x in
      x == -.infinity ? 0 : x * sigmoid(2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))
    },
    AccuracySubject("elu", Parametric(.elu(alpha: 1, scale: 1)), bound: 4, direction: 1) {
      $0 > 0 ? $0 : expm1($0)
    },
    AccuracySubject("leaky_relu", Parametric(.leakyRelu(slope: 0.125)), bound: 4, direction: 1) {
      $0 < 0 ? 0.125 * $0 : $0
    },
    AccuracySubject(.relu, bound: 4, direction: 1) { $0 < 0 ? 0 : $0 },
  ]

  private static let arithmetic: [AccuracySubject] = [
    AccuracySubject(.neg, bound: 4, direction: -1) { -$0 },
    AccuracySubject(.abs, bound: 4) { Swift.abs($0) },
    AccuracySubject(.sign, bound: 4, direction: 1) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 },
    AccuracySubject(.square, bound: 4) { $0 * $0 },
    AccuracySubject(.sqrt, bound: 4, direction: 1) { $0.squareRoot() },
    AccuracySubject(.rsqrt, bound: 4, direction: -1) { 1 / $0.squareRoot() },
    AccuracySubject(.reciprocal, bound: 4, direction: -1) { 1 / $0 },
  ]

  private static func sigmoid(_ x: Double) -> Double {
    // Of a large negative number the denominator would overflow.
    x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
  }
}
