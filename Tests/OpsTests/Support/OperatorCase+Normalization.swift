import TributaryOps

extension OperatorCase {
  /// Normalisations of rows and of channels, with their gradients, at shapes that the loops tell apart.
  static var normalizations: [OperatorCase] {
    var random = TestRandom(11)
    var cases: [OperatorCase] = []
    let rows: [(RowNormalization, Shape, Shape)] = [
      (.layer(rank: 1), [33, 70], [70]), (.layer(rank: 1), [200, 7], [7]),
      (.layer(rank: 1), [5, 70, 9], [9]),
      (.layer(rank: 2), [3, 100, 5, 4], [5, 4]), (.layer(rank: 1), [2, 2, 2500], [2500]),
      (.layer(rank: 1), [70, 3, 2, 5], [5]), (.layer(rank: 2), [9, 12], [9, 12]),
      (.layer(rank: 1), [0, 4], [4]),
      (.rootMeanSquare(rank: 1), [130, 65], [65]), (.rootMeanSquare(rank: 2), [3, 4, 700], [4, 700]),
      (.rootMeanSquare(rank: 1), [3, 80, 31], [31]), (.group(count: 4), [3, 8, 5, 7], [8]),
      (.group(count: 1), [5, 6, 3], [6]), (.group(count: 3), [4, 3, 1500], [3]),
      (.group(count: 2), [5, 6], [6]),
    ]
    for dtype in [DType.float32, .float64] {
      for (kind, shape, weights) in rows {
        let x = random.tensor(dtype, shape)
        let w = random.tensor(dtype, weights)
        let normalize = Normalize(kind, epsilon: 1e-3)
        cases += [
          OperatorCase(normalize, x), OperatorCase(normalize, x, w), OperatorCase(normalize, x, w, w),
        ]
        guard let outputs = try? normalize.evaluate(on: [x]) else { fatalError("test data") }
        let statistics = Array(outputs.dropFirst())
        let inputs = [random.tensor(dtype, shape), x] + statistics
        for (sumsWeight, sumsBias) in [(false, false), (true, false), (true, true)] {
          let gradient = NormalizeGradient(kind, sumsWeight: sumsWeight, sumsBias: sumsBias)
          cases += [OperatorCase(gradient, inputs), OperatorCase(gradient, inputs + [w])]
        }
      }
      for (shape, axis) in [
        ([70, 67], 1), ([9, 4, 33], 1), ([3, 5, 40, 50], 1), ([6, 3, 4, 130], 3), ([40, 9], 0),
        ([2, 3, 1, 1], 1),
        ([150, 3, 2], 1),
      ] as [(Shape, Int)] {
        let x = random.tensor(dtype, shape)
        let dy = random.tensor(dtype, shape)
        let c: Shape = [shape[axis]]
        let (m, w) = (random.tensor(dtype, c), random.tensor(dtype, c))
        let v = random.tensor(dtype, c, in: 0.5...2)
        cases += [
          OperatorCase(BatchNormalize(axis: axis), x), OperatorCase(BatchNormalize(axis: axis), x, w, m),
          OperatorCase(BatchNormalizeInference(axis: axis), x, m, v),
          OperatorCase(BatchNormalizeInference(axis: axis), x, m, v, w, m),
          OperatorCase(BatchNormalizeGradient(axis: axis), dy, x, m, v),
          OperatorCase(BatchNormalizeGradient(axis: axis), dy, x, m, v, w),
          OperatorCase(BatchNormalizeSums(axis: axis), dy, x, m, v),
        ]
      }
    }
    return cases
  }

  /// Operators made of matrix products, whose last bits depend on the instruction-set level: attention and its gradient,
  /// over several blocks of queries and keys.
  static var products: [OperatorCase] {
    var random = TestRandom(12)
    var cases: [OperatorCase] = []
    let shapes: [(q: Shape, k: Shape, v: Shape, mask: Shape?)] = [
      ([2, 3, 130, 8], [2, 3, 130, 8], [2, 3, 130, 8], nil),
      ([2, 65, 5], [2, 400, 5], [2, 400, 3], [65, 400]),
      ([200, 16], [193, 16], [193, 20], [200, 1]),
      ([3, 2, 1, 4], [3, 2, 7, 4], [3, 2, 7, 4], [3, 1, 1, 7]),
      ([2, 2, 5, 3], [2, 2, 0, 3], [2, 2, 0, 4], nil),
    ]
    for dtype in [DType.float32, .float64] {
      for (q, k, v, maskShape) in shapes {
        for isCausal in [false, true] {
          let form = AttentionForm(isCausal: isCausal, scale: isCausal ? 0.7 : nil)
          let tensors = [random.tensor(dtype, q), random.tensor(dtype, k), random.tensor(dtype, v)]
          let masks: [Tensor?] =
            maskShape.map { [random.tensor(.bool, $0), random.tensor(dtype, $0)] } ?? [nil]
          for mask in masks {
            let inputs = tensors + (mask.map { [$0] } ?? [])
            cases.append(OperatorCase(Attention(form), inputs))
            guard let outputs = try? Attention(form).evaluate(on: inputs) else { fatalError("test data") }
            let given = [random.tensor(dtype, outputs[0].shape)] + tensors
            let deltas = random.tensor(dtype, outputs[1].shape)
            cases.append(
              OperatorCase(AttentionGradient(form), given + [outputs[1], deltas] + (mask.map { [$0] } ?? [])))
          }
        }
      }
    }
    return cases
  }
}
