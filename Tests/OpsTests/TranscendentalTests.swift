import Glibc
import Testing

@testable import TributaryOps

/// The functions of one number against the C library in double.
@Suite struct TranscendentalTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    let function: UnaryFunction
    let bound: Double
    let range: ClosedRange<Double>
    let exact: @Sendable (Double) -> Double
    var testDescription: String { "\(function.rawValue) \(range)" }
  }

  static func gelu(_ x: Double) -> Double { x == -.infinity ? 0 : x * 0.5 * erfc(-x / 2.0.squareRoot()) }
  static func geluTanh(_ x: Double) -> Double {
    x == -.infinity ? 0 : x / (1 + exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  }
  static func sign(_ x: Double) -> Double { x.isNaN ? x : x > 0 ? 1 : x < 0 ? -1 : 0 }

  static let samples: [Sample] = [
    Sample(function: .neg, bound: 0, range: -1e30...1e30) { -$0 },
    Sample(function: .abs, bound: 0, range: -1e30...1e30) { Swift.abs($0) },
    Sample(function: .sign, bound: 0, range: -1...1) { sign($0) },
    Sample(function: .square, bound: 0.5, range: -1e10...1e10) { $0 * $0 },
    Sample(function: .relu, bound: 0, range: -1...1) { $0.isNaN ? $0 : max($0, 0) },
    Sample(function: .exp, bound: 2, range: -105...90) { exp($0) },
    Sample(function: .exp, bound: 2, range: -1...1) { exp($0) },
    Sample(function: .log, bound: 2, range: 0...3) { log($0) },
    Sample(function: .log, bound: 2, range: -1...1e30) { log($0) },
    Sample(function: .log, bound: 2, range: 0.999...1.001) { log($0) },
    Sample(function: .log1p, bound: 4, range: -1.01...3) { log1p($0) },
    Sample(function: .log1p, bound: 4, range: -1e-3...1e-3) { log1p($0) },
    Sample(function: .log1p, bound: 4, range: 0...1e30) { log1p($0) },
    Sample(function: .expm1, bound: 4, range: -20...90) { expm1($0) },
    Sample(function: .expm1, bound: 4, range: -1...1) { expm1($0) },
    Sample(function: .expm1, bound: 4, range: -1e-3...1e-3) { expm1($0) },
    Sample(function: .sqrt, bound: 0.5, range: -1...1e10) { $0.squareRoot() },
    Sample(function: .rsqrt, bound: 1.5, range: -1...100) { 1 / $0.squareRoot() },
    Sample(function: .reciprocal, bound: 0.5, range: -9...9) { 1 / $0 },
    Sample(function: .tanh, bound: 2, range: -12...12) { tanh($0) },
    Sample(function: .tanh, bound: 2, range: -0.7...0.7) { tanh($0) },
    Sample(function: .sigmoid, bound: 2, range: -100...100) { 1 / (1 + exp(-$0)) },
    Sample(function: .sigmoid, bound: 2, range: -5...5) { 1 / (1 + exp(-$0)) },
    Sample(function: .erf, bound: 2, range: -5...5) { erf($0) },
    Sample(function: .erf, bound: 2, range: -1...1) { erf($0) },
    Sample(function: .softplus, bound: 4, range: -90...90) { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) },
    Sample(function: .softplus, bound: 4, range: -5...5) { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) },
    Sample(function: .silu, bound: 4, range: -91...80) { $0 == -.infinity ? 0 : $0 / (1 + exp(-$0)) },
    Sample(function: .sin, bound: 2, range: -10...10) { sin($0) },
    Sample(function: .sin, bound: 2, range: -1e7...1e7) { sin($0) },
    Sample(function: .cos, bound: 2, range: -10...10) { cos($0) },
    Sample(function: .cos, bound: 2, range: -1e30...1e30) { cos($0) },
    Sample(function: .gelu, bound: 4, range: -2...9) { gelu($0) },
    Sample(function: .geluTanh, bound: 4, range: -2...9) { geluTanh($0) },
  ]

  @Test func everyFunctionIsSampled() {
    #expect(Set(Self.samples.map(\.function)) == Set(UnaryFunction.allCases))
  }

  @Test(arguments: samples)
  func staysWithinItsBound(_ sample: Sample) throws {
    var random = TestRandom(3)
    let special: [Float] = [
      0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNormalMagnitude, .greatestFiniteMagnitude,
    ]
    let drawn = (0..<20_000).map { _ in Float(Double.random(in: sample.range, using: &random)) }
    let x = special + drawn
    let y = try Unary(sample.function).evaluate(on: [try Tensor(x, shape: [x.count])])[0].elements(Float.self)
    var worst = 0.0
    var place: Float = 0
    for (input, output) in zip(x, y) {
      let want = sample.exact(Double(input))
      // Below the normal range results may be flushed.
      if Swift.abs(want) < 2e-38, Swift.abs(output) < 2e-38 { continue }
      let distance = ulps(output, want)
      if distance > worst { (worst, place) = (distance, input) }
    }
    #expect(worst <= sample.bound, "\(worst) ulp at \(place)")
  }

  @Test(arguments: samples)
  func doubleAgreesWithTheLibrary(_ sample: Sample) throws {
    var random = TestRandom(4)
    let x = random.tensor(.float64, [1000], in: sample.range)
    let y = try Unary(sample.function).evaluate(on: [x])[0].doubles
    #expect(Reference.difference(y, x.doubles.map(sample.exact), bound: 1e-14, floor: 1e-280) == nil)
  }

  @Test func powHasTheLibrarysSpecialValues() throws {
    let values: [Float] = [
      0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1e-3, 1e9, -1e9, 16_777_216, 8_388_609, 2.5, .infinity,
      -.infinity, .nan,
      .leastNormalMagnitude, .greatestFiniteMagnitude,
    ]
    let x = try Tensor(values, shape: [values.count, 1])
    let y = try Tensor(values, shape: [values.count])
    let z = try Binary(.pow).evaluate(on: [x, y])[0].elements(Float.self)
    for (i, a) in values.enumerated() {
      for (j, b) in values.enumerated() {
        let got = z[i * values.count + j]
        let want = pow(Double(a), Double(b))
        if Swift.abs(want) < 2e-38, Swift.abs(got) < 2e-38 { continue }
        #expect(ulps(got, want) <= 1, "\(a) to \(b): \(got), not \(want)")
      }
    }
    var random = TestRandom(5)
    let base = random.tensor(.float32, [20_000], in: 0...20)
    let exponent = random.tensor(.float32, [20_000], in: -30...30)
    let got = try Binary(.pow).evaluate(on: [base, exponent])[0].elements(Float.self)
    let worst = zip(zip(base.doubles, exponent.doubles), got).map { pair, value in
      ulps(value, pow(pair.0, pair.1))
    }.max()!
    #expect(worst <= 1)
  }
}
