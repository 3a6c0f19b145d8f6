import TributaryOps

extension OperatorCase {
  /// Updates, accumulation, and the operators that select, convert and create.
  static var others: [OperatorCase] {
    var random = TestRandom(6)
    var cases: [OperatorCase] = []
    for dtype in [DType.float32, .float64] {
      let shape: Shape = [19, 43]
      let p = random.tensor(dtype, shape)
      let g = random.tensor(dtype, shape)
      let m = random.tensor(dtype, shape)
      let v = random.tensor(dtype, shape, in: 0...2)
      let rate = random.tensor(dtype, [], in: 0.1...0.2)
      cases += [
        OperatorCase(SGDUpdate(), p, g, rate),
        OperatorCase(MomentumUpdate(momentum: 0.9, nesterov: false), p, g, m, rate),
        OperatorCase(MomentumUpdate(momentum: 0.9, nesterov: true), p, g, m, rate),
        OperatorCase(
          AdamUpdate(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01), p, g, m, v, rate,
          Tensor(Int64(3))),
        OperatorCase(RMSPropUpdate(alpha: 0.99, epsilon: 1e-8), p, g, v, rate),
        OperatorCase(AdagradUpdate(epsilon: 1e-10), p, g, v, rate),
        OperatorCase(Accumulate(), p),
        OperatorCase(Accumulate(), p, g),
        OperatorCase(Accumulate(), p, g, m, v, p, g, m, v, p, g, m, v),
        OperatorCase(CheckFinite(), p, g, rate),
        OperatorCase(ScheduledRate(.cosine(peak: 1, floor: 0.1, total: 20), dtype: dtype), Tensor(Int64(7))),
      ]
    }
    for (a, b) in broadcasts {
      let shape = a.broadcast(with: b)!
      cases.append(OperatorCase(Compare(.less), random.tensor(.float32, a), random.tensor(.float32, b)))
      cases.append(
        OperatorCase(Where(), random.tensor(.bool, a), random.tensor(.float64, b), random.tensor(.float64, a))
      )
      cases.append(
        OperatorCase(Where(), random.tensor(.bool, b), random.tensor(.int32, b), random.tensor(.int32, a)))
      cases.append(OperatorCase(BroadcastTo(shape: shape), random.tensor(.float32, a)))
      cases.append(OperatorCase(BroadcastTo(shape: shape), random.tensor(.int64, b)))
      cases.append(OperatorCase(BroadcastTo(shape: shape), random.tensor(.bool, b)))
    }
    for dtype in DType.allCases {
      let x = random.tensor(dtype, [7, 41])
      for target in DType.allCases { cases.append(OperatorCase(Cast(to: target), x)) }
      for comparison in Comparison.allCases {
        cases.append(OperatorCase(Compare(comparison), x, random.tensor(dtype, [41])))
      }
      cases.append(OperatorCase(Fill(type: TensorType(dtype, [5, 37]), value: 3)))
      if dtype != .bool {
        for axis in 0..<3 {
          cases.append(OperatorCase(Iota(type: TensorType(dtype, [5, 6, 37]), axis: axis)))
        }
      }
      for ids in [DType.int32, .int64] {
        cases.append(OperatorCase(OneHot(classes: 70, dtype: dtype), random.indices(ids, [6, 5], below: 70)))
        cases.append(OperatorCase(OneHot(classes: 1, dtype: dtype), random.indices(ids, [9], below: 2)))
      }
    }
    let x = random.tensor(.bool, [9, 70])
    let y = random.tensor(.bool, [9, 1])
    cases.append(OperatorCase(Logical(.and), x, y))
    cases.append(OperatorCase(Logical(.or), x, y))
    cases.append(OperatorCase(Logical(.not), x))
    return cases
  }
}
