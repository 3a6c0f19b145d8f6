import TributaryOps

extension OperatorCase {
  /// Shapes that broadcast together, in every way that the loops tell apart, at lengths around those of vectors.
  static let broadcasts: [(Shape, Shape)] = [
    ([], []), ([1], [1]), ([7], [7]), ([0], [0]), ([130], [130]), ([33, 65], [33, 65]), ([65], []),
    ([], [65]),
    ([33, 65], [65]), ([65], [33, 65]), ([33, 65], [33, 1]), ([33, 1], [33, 65]), ([5, 1], [1, 7]),
    ([3, 0], [3, 1]),
    ([2, 3, 4, 5], [3, 1, 5]), ([4, 1, 6, 1], [1, 5, 1, 7]), ([2, 3, 2, 3, 2], [2, 1, 2, 1, 2]),
    ([600, 1], [1]),
  ]

  /// Elementwise operators.
  static var elementwise: [OperatorCase] {
    var random = TestRandom(1)
    var cases: [OperatorCase] = []
    for function in UnaryFunction.allCases {
      cases.append(OperatorCase(Unary(function), random.tensor(.float32, [3, 517])))
      cases.append(OperatorCase(Unary(function), random.tensor(.float64, [5, 4, 33])))
    }
    cases.append(OperatorCase(Unary(.sin), random.tensor(.float32, [777], in: -9e6...9e6)))
    for function in BinaryFunction.allCases {
      for dtype in [DType.float32, .float64] {
        cases.append(
          OperatorCase(
            Binary(function), random.tensor(dtype, [9, 67], in: 0.1...3), random.tensor(dtype, [9, 67])))
      }
    }
    for (a, b) in broadcasts {
      cases.append(OperatorCase(Binary(.sub), random.tensor(.float32, a), random.tensor(.float32, b)))
    }
    for dtype in [DType.int32, .int64] {
      cases.append(OperatorCase(Binary(.mul), random.tensor(dtype, [4, 31]), random.tensor(dtype, [31])))
      cases.append(OperatorCase(Unary(.neg), random.tensor(dtype, [4, 31])))
    }
    return cases
  }
}
