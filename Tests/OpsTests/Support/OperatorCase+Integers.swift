import TributaryOps

extension OperatorCase {
  /// Division of integers, and reductions of truth values.
  static var integers: [OperatorCase] {
    var random = TestRandom(7)
    var cases: [OperatorCase] = []
    for function in IntegerDivisionFunction.allCases {
      for dtype in [DType.int32, .int64] {
        for (a, b) in broadcasts {
          let x = random.tensor(dtype, a, in: -90...90)
          let z = random.tensor(dtype, b, in: 1...9)
          cases.append(OperatorCase(IntegerDivision(function), x, z))
        }
      }
    }
    for function in LogicalReduceFunction.allCases {
      for (shape, axes) in reducedAxes {
        let x = random.tensor(.bool, shape)
        cases.append(OperatorCase(LogicalReduce(function, axes: axes), x))
        cases.append(OperatorCase(LogicalReduce(function, axes: axes, keepDimensions: true), x))
      }
    }
    cases.append(OperatorCase(Logical(.xor), random.tensor(.bool, [9, 70]), random.tensor(.bool, [70])))
    return cases
  }

  /// Sorts of every element type, along every axis, by insertion, by bytes and keeping a few.
  static var sorts: [OperatorCase] {
    var random = TestRandom(8)
    var cases: [OperatorCase] = []
    for dtype in DType.allCases {
      for shape: Shape in [[5, 40], [3, 300], [200, 3], [4, 130, 6], [1, 1]] {
        let x = random.tensor(dtype, shape, in: -9...9)
        for axis in 0..<shape.rank {
          let descending = (axis + shape.rank) % 2 == 0
          cases.append(OperatorCase(Sort(axis: axis, descending: descending), x))
          cases.append(
            OperatorCase(Sort(axis: axis, descending: !descending, count: (shape[axis] + 8) / 9), x))
        }
      }
    }
    cases.append(OperatorCase(Sort(axis: 0), random.tensor(.float32, [0, 4])))
    cases.append(OperatorCase(Sort(axis: 1), random.tensor(.float32, [0, 4])))
    cases.append(OperatorCase(Sort(axis: 0, count: 0), random.tensor(.float32, [7, 4])))
    return cases
  }

  /// Random numbers and masks, at lengths around those of blocks.
  static var randoms: [OperatorCase] {
    var random = TestRandom(9)
    var cases: [OperatorCase] = []
    let step = Tensor(Int64(5))
    for shape: Shape in [
      [], [1], [3], [255], [256], [257], [1030], [7, 3], [3, 70], [5, 1], [4, 6, 33], [0, 2],
    ] {
      for dtype in [DType.float32, .float64] {
        let type = TensorType(dtype, shape)
        for distribution in [
          RandomDistribution.uniform(low: -1, high: 3), .normal(mean: 1, deviation: 0.5),
        ] {
          cases.append(
            OperatorCase(RandomFill(type: type, distribution: distribution, seed: 3, stream: 4), step))
        }
        cases.append(
          OperatorCase(RandomDrop(rate: 0.3, seed: 3, stream: 4), random.tensor(dtype, shape), step))
      }
    }
    return cases
  }
}
