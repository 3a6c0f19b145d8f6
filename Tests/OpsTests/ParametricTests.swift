import Glibc
import Testing
import TributaryOps

/// Values of the functions with constants and of the losses of pairs.
@Suite struct ParametricTests {
  private let special: [Float] = [
    0, -0, 1, -1, .infinity, -.infinity, .nan, .leastNormalMagnitude, .greatestFiniteMagnitude, -88, -104, 20,
  ]

  /// The largest distance from a function of doubles, in units of the last place, over special and drawn numbers.
  private func worst(_ function: ParametricFunction, _ exact: (Double) -> Double) throws -> Double {
    var random = TestRandom(16)
    let x = special + (0..<5000).map { _ in Float.random(in: -20...20, using: &random) }
    let y = try Parametric(function).evaluate(on: [try Tensor(x, shape: [x.count])])[0].elements(Float.self)
    return zip(x, y).map { ulps($1, exact(Double($0))) }.max() ?? 0
  }

  @Test func functionsGiveTheirValues() throws {
    #expect(try worst(.leakyRelu(slope: 0.25)) { $0 < 0 ? 0.25 * $0 : $0 } <= 0.5)
    #expect(try worst(.elu(alpha: 1, scale: 1)) { $0 > 0 ? $0 : expm1($0) } <= 4)
    #expect(try worst(.elu(alpha: 0.75, scale: 1.5)) { $0 > 0 ? 1.5 * $0 : 1.125 * expm1($0) } <= 4)
    #expect(
      try worst(.clamp(lower: -1.5, upper: 2)) { $0.isNaN ? $0 : min(max($0, -1.5), 2) } == 0)
  }

  @Test(
    "powers of halves are rounded once, with the special values of the C library's pow", arguments: -8...8)
  func powersOfHalves(_ halves: Int) throws {
    guard halves != 0 else { return }
    #expect(try worst(.halfPower(halves: halves)) { pow($0, Double(halves) / 2) } <= 0.501)
  }

  @Test("the gradient of a power is the cotangent times its slope")
  func slopesOfHalves() throws {
    let x = try Tensor([0.25, 1, 4], shape: [3])
    let dy = try Tensor([1.0, 2, 3], shape: [3])
    func gradient(_ halves: Int) throws -> [Double] {
      try ParametricGradient(.halfPower(halves: halves)).evaluate(on: [dy, x])[0].elements()
    }
    #expect(try gradient(-3) == [-48, -3, -0.140625])
    #expect(try gradient(3) == [0.75, 3, 9])
    #expect(try gradient(6) == [0.1875, 6, 144])
    #expect(try gradient(2) == [1, 2, 3])
  }

  @Test func clampLimitsIntegersAndLetsTheUpperBoundWin() throws {
    let x = try Tensor([Int64.min, -3, 0, 5, .max], shape: [5])
    #expect(
      try Parametric(.clamp(lower: -2, upper: 3)).evaluate(on: [x])[0].elements() == [Int64(-2), -2, 0, 3, 3])
    #expect(
      try Parametric(.clamp(lower: -.infinity, upper: 1e300)).evaluate(on: [x])[0].elements() == [
        Int64.min, -3, 0, 5, .max,
      ])
    #expect(
      try Parametric(.clamp(lower: 4, upper: 1)).evaluate(on: [x])[0].elements() == [Int64(1), 1, 1, 1, 1])
    let y = try Tensor([Int32(-7), 7], shape: [2])
    #expect(
      try Parametric(.clamp(lower: 1e12, upper: .infinity)).evaluate(on: [y])[0].elements() == [
        Int32.max, .max,
      ])
  }

  private func exact(_ function: PairLossFunction, _ a: Double, _ b: Double) -> Double {
    switch function {
    case .absolute: abs(a - b)
    case .huber(let delta):
      abs(a - b) <= delta ? 0.5 * (a - b) * (a - b) : delta * (abs(a - b) - 0.5 * delta)
    case .binaryCrossEntropy: max(a, 0) - a * b + log1p(exp(-abs(a)))
    case .divergence: b == 0 ? 0 : b * (log(b) - a)
    case .logDivergence: exp(b) * (b - a)
    }
  }

  static let losses: [PairLossFunction] = [
    .absolute, .huber(delta: 0.8), .binaryCrossEntropy, .divergence, .logDivergence,
  ]

  @Test(arguments: losses)
  func lossesGiveTheirValues(_ function: PairLossFunction) throws {
    var random = TestRandom(17)
    for (a, b) in OperatorCase.broadcasts {
      for dtype in [DType.float32, .float64] {
        let x = random.tensor(dtype, a, in: -4...4)
        let y = random.tensor(dtype, b, in: 0...1)
        let got = try PairLoss(function).evaluate(on: [x, y])[0].doubles
        let want = Reference.map([x, y]) { exact(function, $0[0], $0[1]) }
        let bound = dtype == .float32 ? 1e-6 : 1e-14
        #expect(Reference.difference(got, want, bound: bound, floor: 1) == nil, "\(dtype) \(a) \(b)")
      }
    }
  }
}
