import Glibc
import Testing

@testable import TributaryOps

/// Functions of one number at zeros, subnormals, infinities and NaN, at every level, in every lane.
@Suite struct SpecialValueTests {
  private static let least: Float = 0x1p-149
  private static let nan = Float.nan

  /// What functions give at 0, -0, the least subnormal, its negative, ∞ and -∞. Of NaN all give NaN.
  static let wanted: [UnaryFunction: [Float]] = [
    .neg: [-0.0, 0, -least, least, -.infinity, .infinity],
    .abs: [0, 0, least, least, .infinity, .infinity],
    .sign: [0, -0.0, 1, -1, 1, -1],
    .square: [0, 0, 0, 0, .infinity, .infinity],
    .relu: [0, -0.0, least, 0, .infinity, 0],
    .exp: [1, 1, 1, 1, .infinity, 0],
    .log: [-.infinity, -.infinity, Float(log(Double(least))), nan, .infinity, nan],
    .log1p: [0, -0.0, least, -least, .infinity, nan],
    .expm1: [0, -0.0, least, -least, .infinity, -1],
    .sqrt: [0, -0.0, Float(Double(least).squareRoot()), nan, .infinity, nan],
    .rsqrt: [.infinity, -.infinity, 1 / Float(Double(least).squareRoot()), nan, 0, nan],
    .reciprocal: [.infinity, -.infinity, .infinity, -.infinity, 0, -0.0],
    .tanh: [0, -0.0, least, -least, 1, -1],
    .sigmoid: [0.5, 0.5, 0.5, 0.5, 1, 0],
    .erf: [0, -0.0, least, -least, 1, -1],
    .softplus: [Float(log(2.0)), Float(log(2.0)), Float(log(2.0)), Float(log(2.0)), .infinity, 0],
    .silu: [0, -0.0, 0, -0.0, .infinity, -0.0],
    .gelu: [0, -0.0, 0, -0.0, .infinity, -0.0],
    .geluTanh: [0, -0.0, 0, -0.0, .infinity, -0.0],
    .sin: [0, -0.0, least, -least, nan, nan],
    .cos: [1, 1, 1, 1, nan, nan],
  ]

  private static func agree(_ a: Float, _ b: Float) -> Bool {
    a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
  }

  @Test func everyFunctionIsListed() {
    #expect(Set(Self.wanted.keys) == Set(UnaryFunction.allCases))
  }

  /// Each special value in each of 67 places, among ordinary numbers: in every lane of a whole vector and in the rest.
  @Test(arguments: UnaryFunction.allCases, VectorLevel.available)
  func specialValuesAreRight(_ function: UnaryFunction, _ level: VectorLevel) throws {
    let specials: [Float] = [0, -0.0, Self.least, -Self.least, .infinity, -.infinity, .nan]
    let wanted = try #require(Self.wanted[function]) + [.nan]
    let count = 67
    for (special, want) in zip(specials, wanted) {
      for place in 0..<count {
        var x = [Float](repeating: 0.75, count: count)
        x[place] = special
        let y = try VectorLevel.$override.withValue(level) {
          try Unary(function).evaluate(on: [try Tensor(x, shape: [count])])[0].elements(Float.self)
        }
        #expect(Self.agree(y[place], want), "\(function.rawValue)(\(special)) is \(y[place]), not \(want)")
        let others = y.enumerated().filter { $0.offset != place }.map(\.element)
        #expect(others.allSatisfy { $0.bitPattern == others[0].bitPattern })
      }
    }
  }

  /// The same bits at every level for numbers of any magnitude.
  @Test(arguments: UnaryFunction.allCases, [DType.float32, .float64])
  func levelsAgree(_ function: UnaryFunction, _ dtype: DType) throws {
    var random = TestRandom(17)
    let count = 20_003
    let x =
      dtype == .float32
      ? try Tensor(
        (0..<count).map { _ in Float(bitPattern: .random(in: .min ... .max, using: &random)) }, shape: [count]
      )
      : try Tensor(
        (0..<count).map { _ in Double(bitPattern: .random(in: .min ... .max, using: &random)) },
        shape: [count])
    let results = try VectorLevel.available.map { level in
      try VectorLevel.$override.withValue(level) { try Unary(function).evaluate(on: [x])[0].doubles }
    }
    for other in results.dropFirst() {
      let first = zip(results[0], other).enumerated().first {
        $1.0.bitPattern != $1.1.bitPattern && !($1.0.isNaN && $1.1.isNaN)
      }
      #expect(first == nil, "at \(first.map { "\(x.doubles[$0.offset]): \($0.element)" } ?? "")")
    }
  }

  /// Whether functions that never decrease, or never increase, keep the order of neighbours at every level, over
  /// runs of neighbours at all magnitudes.
  @Test(arguments: VectorLevel.available)
  func monotoneFunctionsStaySo(_ level: VectorLevel) throws {
    let rising: [UnaryFunction] = [
      .exp, .expm1, .log, .log1p, .tanh, .sigmoid, .erf, .softplus, .relu, .sqrt,
    ]
    var runs: [[Float]] = []
    for exponent in stride(from: -149, through: 127, by: 3) {
      let start = Float(sign: .plus, exponent: exponent, significand: 1)
      let run = sequence(first: start) { $0.nextUp }.prefix(700).map { $0 }
      runs += [run, run.reversed().map { -$0 }]
    }
    for function in rising {
      for run in runs {
        let y = try VectorLevel.$override.withValue(level) {
          try Unary(function).evaluate(on: [try Tensor(run, shape: [run.count])])[0].elements(Float.self)
        }
        let falls = zip(y, y.dropFirst()).enumerated().first { $1.0 > $1.1 }
        #expect(falls == nil, "\(function.rawValue) after \(falls.map { run[$0.offset] } ?? 0)")
      }
    }
  }
}
