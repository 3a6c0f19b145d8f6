import TributaryOps

extension Fused {
  /// tanh(x + b) and its square, of which the first is needed elsewhere: two outputs.
  static let activation = Fused(
    [
      Step(Binary(.add), [.input(0), .input(1)]), Step(Unary(.tanh), [.result(0)]),
      Step(Binary(.mul), [.result(1), .result(1)]),
    ], outputs: [1, 2])

  /// Normalised rows, with their means and the sums of squares, which are not read.
  static let normalization = Fused(
    [
      Step(Reduce(.mean, axes: [1], keepDimensions: true), [.input(0)]),
      Step(Binary(.sub), [.input(0), .result(0)]), Step(Unary(.square), [.result(1)]),
      Step(Reduce(.mean, axes: [1], keepDimensions: true), [.result(2)]),
      Step(Binary(.add), [.result(3), .input(1)]), Step(Unary(.rsqrt), [.result(4)]),
      Step(Binary(.mul), [.result(1), .result(5)]), Step(Reduce(.sum, axes: [1]), [.result(2)]),
    ], outputs: [6, 0, 7])

  /// A mask made and applied: results of two element types.
  static let mask = Fused(
    [
      Step(Compare(.less), [.input(0), .input(1)]),
      Step(Where(), [.result(0), .input(0), .input(2)]),
      Step(Cast(to: .int32), [.result(0)]),
    ], outputs: [1, 0, 2])
}

extension OperatorCase {
  /// Operators joined by the planner: short and long rows, what is broadcast along either axis, odd lengths.
  static var fused: [OperatorCase] {
    var random = TestRandom(31)
    var cases: [OperatorCase] = []
    for dtype in [DType.float32, .float64] {
      for shape: Shape in [[3, 5000], [170, 33], [4, 5, 130], [1], [2, 0]] {
        let row = shape.rank > 1 ? Shape([shape[shape.rank - 1]]) : []
        let x = random.tensor(dtype, shape)
        cases.append(OperatorCase(Fused.activation, x, random.tensor(dtype, shape)))
        cases.append(OperatorCase(Fused.activation, x, random.tensor(dtype, row)))
        cases.append(OperatorCase(Fused.activation, random.tensor(dtype, row), x))
        var column = shape
        column[shape.rank - 1] = 1
        cases.append(
          OperatorCase(Fused.mask, x, random.tensor(dtype, column), random.tensor(dtype, shape)))
      }
      for shape: Shape in [[70, 97], [1, 2], [3, 4096], [300, 2]] {
        let x = random.tensor(dtype, shape)
        cases.append(OperatorCase(Fused.normalization, x, random.tensor(dtype, [], in: 0.1...1)))
        cases.append(
          OperatorCase(Fused.normalization, x, random.tensor(dtype, [shape[0], 1], in: 0.1...1)))
        let sums = Fused(
          [
            Fused.Step(Binary(.mul), [.input(0), .input(0)]),
            Fused.Step(Reduce(.sum, axes: [1]), [.result(0)]),
          ], outputs: [1])
        cases.append(OperatorCase(sums, x))
      }
    }
    return cases
  }

  /// Products and convolutions with what follows them. They are cut along rows and images alone here: other cuts of a
  /// product change its bits.
  static var epilogues: [OperatorCase] {
    var random = TestRandom(32)
    var cases: [OperatorCase] = []
    for dtype in [DType.float32, .float64] {
      let images = random.tensor(dtype, [3, 9, 8, 5])
      let weights = random.tensor(dtype, [3, 3, 5, 17])
      let convolution = Epilogue(
        Convolution(ConvolutionGeometry()), inputs: 2,
        Fused([Fused.Step(Unary(.relu), [.input(0)])], outputs: [0]))
      cases.append(OperatorCase(convolution, images, weights))
      let residual = Fused(
        [
          Fused.Step(Binary(.add), [.input(0), .input(1)]),
          Fused.Step(Binary(.mul), [.result(0), .input(2)]),
          Fused.Step(Compare(.less), [.result(1), .input(1)]),
        ], outputs: [2, 1])
      let other = random.tensor(dtype, [3, 7, 6, 17])
      cases.append(
        OperatorCase(
          Epilogue(Convolution(ConvolutionGeometry()), inputs: 2, residual), images, weights, other,
          random.tensor(dtype, [17])))
      let back = Epilogue(
        ConvolutionInputGradient(imageSize: Size2D(9, 8)), inputs: 2,
        Fused([Fused.Step(Binary(.reluGradient), [.input(0), .input(1)])], outputs: [0]))
      cases.append(OperatorCase(back, other, weights, images))
    }
    return cases
  }
}
