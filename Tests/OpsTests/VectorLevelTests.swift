import Glibc
import Testing

@testable import TributaryOps

/// The choice of the instruction-set level.
@Suite struct VectorLevelTests {
  @Test func theLevelInUseIsAvailable() {
    let available = VectorLevel.available
    #expect(available.first == .base)
    #expect(available.contains(VectorLevel.current))
    // An environment variable may only lower the level.
    let wanted = getenv("TRIBUTARY_ISA").map { String(cString: $0) }.flatMap { VectorLevel(rawValue: $0) }
    #expect(VectorLevel.current == (wanted.flatMap { available.contains($0) ? $0 : nil } ?? available.last))
  }

  @Test func everyFunctionExistsAtEveryLevel() throws {
    for level in VectorLevel.available {
      try VectorLevel.$override.withValue(level) {
        #expect(VectorLevel.current == level)
        for dtype in [DType.float32, .float64] {
          let x = TensorType(dtype, [3])
          let unary = Signature(inputs: [x], outputs: [x])
          for function in UnaryFunction.allCases {
            _ = try Unary(function).makeKernel(unary, region: Region(whole: x.shape))
          }
          for function in BinaryFunction.allCases {
            _ = try Binary(function).makeKernel(
              Signature(inputs: [x, x], outputs: [x]), region: Region(whole: x.shape))
          }
        }
      }
    }
  }

  @Test func exponentialTangentAndLogarithmAreMonotone() throws {
    for (function, range) in [
      (UnaryFunction.exp, 0.5..<0.501), (.tanh, 0.624..<0.626), (.log, 0.999..<1.001),
    ] {
      var values: [Float] = []
      var x = Float(range.lowerBound)
      while Double(x) < range.upperBound {
        values.append(x)
        x = x.nextUp
      }
      let y = try Unary(function).evaluate(on: [try Tensor(values, shape: [values.count])])[0].elements(
        Float.self)
      #expect(zip(y, y.dropFirst()).allSatisfy { $0 <= $1 }, "\(function)")
    }
  }
}
