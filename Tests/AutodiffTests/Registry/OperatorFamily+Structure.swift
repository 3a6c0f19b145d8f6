import TributaryAutodiff
import TributaryOps

extension OperatorFamily {
  /// Operators that move elements or multiply matrices.
  static let movements: [OperatorFamily] = [
    OperatorFamily("Reshape", wild: { Reshape(shape: $0.anyShape()) }) { d in
      let shape = d.shape()
      let flat = d.coin() ? Shape([shape.elementCount]) : Shape(shape.dimensions.reversed() + [1])
      return OperatorUse(Reshape(shape: flat), [try d.tensor(shape)])
    },
    OperatorFamily("Transpose", wild: { Transpose(permutation: $0.integers()) }) { d in
      let shape = d.shape()
      var order = Array(shape.indices)
      for index in order.indices.reversed() { order.swapAt(index, d.below(index + 1)) }
      return OperatorUse(Transpose(permutation: order), [try d.tensor(shape)])
    },
    OperatorFamily("Concat", wild: { Concat(axis: $0.integer()) }) { d in
      let shape = d.shape(1...4)
      let axis = d.axis(of: shape)
      return OperatorUse(
        Concat(axis: axis),
        try (0...d.below(4)).map { _ in
          var part = shape
          part[axis] = d.below(4)
          return try d.tensor(part)
        })
    },
    OperatorFamily(
      "Slice", wild: { Slice(starts: $0.integers(), stops: $0.integers(), steps: $0.integers()) }
    ) { d in
      let shape = d.shape(0...4)
      var (starts, stops, steps): ([Int], [Int], [Int]) = ([], [], [])
      for length in shape {
        let bounds = [d.below(length + 1), d.below(length + 1)].sorted()
        let isForward = bounds[1] == length || d.coin()
        starts.append(bounds[isForward ? 0 : 1])
        stops.append(bounds[isForward ? 1 : 0])
        steps.append((1 + d.below(3)) * (isForward ? 1 : -1))
      }
      return OperatorUse(Slice(starts: starts, stops: stops, steps: steps), [try d.tensor(shape)])
    },
    OperatorFamily(
      "SliceScatter",
      wild: { SliceScatter(starts: $0.integers(), steps: $0.integers(), shape: $0.anyShape()) }
    ) { d in
      let shape = d.shape(0...4, empty: false)
      var (starts, steps, target): ([Int], [Int], [Int]) = ([], [], [])
      for length in shape {
        let step = d.pick([1, 1, 2, -1, -2])
        let (reach, room) = ((length - 1) * abs(step), d.below(3))
        starts.append(d.below(room + 1) + (step < 0 ? reach : 0))
        steps.append(step)
        target.append(reach + 1 + room)
      }
      return OperatorUse(
        SliceScatter(starts: starts, steps: steps, shape: Shape(target)), [try d.tensor(shape)])
    },
    OperatorFamily(
      "Pad",
      wild: { d in Pad(pads: (0..<d.below(4)).map { _ in d.integers() }, value: d.number()) }
    ) { d in
      let shape = d.shape()
      return OperatorUse(
        Pad(pads: shape.map { _ in [d.below(3), d.below(3)] }, value: d.pick([0, 2.5])),
        [try d.tensor(shape)])
    },
    OperatorFamily(
      "ReflectPad", wild: { d in ReflectPad(pads: (0..<d.below(4)).map { _ in d.integers() }) }
    ) { d in
      let shape = d.shape(0...4, empty: false)
      return OperatorUse(
        ReflectPad(pads: shape.map { [d.below($0), d.below($0)] }), [try d.tensor(shape)])
    },
    OperatorFamily("Roll", wild: { Roll(shifts: $0.integers()) }) { d in
      let shape = d.shape()
      return OperatorUse(Roll(shifts: shape.map { _ in d.below(300) - 150 }), [try d.tensor(shape)])
    },
    OperatorFamily(
      "MatMul",
      wild: { MatMul(transposeA: $0.coin(), transposeB: $0.coin(), accumulating: $0.below(4) == 0) }
    ) { d in
      let lengths = d.shape(3...3)
      let batch = (0..<d.below(3)).map { _ in 1 + d.below(2) }
      let (m, k, n) = (lengths[0], lengths[1], Swift.min(lengths[2], d.size / Swift.max(lengths[1], 1) + 1))
      let (transposeA, transposeB, accumulating) = (d.coin(), d.coin(), d.coin())
      let a = Shape(batch + (transposeA ? [k, m] : [m, k]))
      let b = Shape((d.coin() ? batch : []) + (transposeB ? [n, k] : [k, n]))
      let c = accumulating ? [try d.tensor(Shape(batch + [m, n]))] : []
      return OperatorUse(
        MatMul(transposeA: transposeA, transposeB: transposeB, accumulating: accumulating),
        [try d.tensor(a), try d.tensor(b)] + c)
    },
  ]

  /// Operators that read or write where indices say.
  static let indexed: [OperatorFamily] = [
    OperatorFamily("Embedding", wild: { _ in Embedding() }) { d in
      let table = d.shape(2...2, empty: false)
      let ids = try d.indices(d.shape(0...3), below: table[0])
      return OperatorUse(Embedding(), [try d.tensor(table), ids])
    },
    OperatorFamily(
      "EmbeddingGradient", wild: { EmbeddingGradient(rows: $0.integer(), accumulating: $0.coin()) }
    ) { d in
      let table = d.shape(2...2, empty: false)
      let ids = try d.indices(d.shape(0...2), below: table[0])
      let dy = try d.tensor(Shape(ids.shape.dimensions + [table[1]]))
      let accumulating = d.coin()
      return OperatorUse(
        EmbeddingGradient(rows: table[0], accumulating: accumulating),
        [dy, ids] + (accumulating ? [try d.tensor(table)] : []))
    },
    OperatorFamily("Gather", wild: { Gather(axis: $0.integer()) }) { d in
      let (x, axis, index) = try besideAxis(&d)
      return OperatorUse(Gather(axis: axis), [x, index])
    },
    OperatorFamily("IndexSelect", wild: { IndexSelect(axis: $0.integer()) }) { d in
      let shape = d.shape(1...4, empty: false)
      let axis = d.axis(of: shape)
      return OperatorUse(
        IndexSelect(axis: axis),
        [try d.tensor(shape), try d.indices([d.below(6)], below: shape[axis])])
    },
    OperatorFamily("ScatterAdd", wild: { ScatterAdd(axis: $0.integer()) }) { d in
      let (x, axis, index) = try besideAxis(&d)
      return OperatorUse(ScatterAdd(axis: axis), [x, index, try d.tensor(index.shape)])
    },
    OperatorFamily("OneHot", wild: { OneHot(classes: $0.integer(), dtype: $0.dtype()) }) { d in
      let classes = 1 + d.below(5)
      return OperatorUse(
        OneHot(classes: classes, dtype: d.dtype()), [try d.indices(d.shape(0...3), below: classes)])
    },
  ]

  /// A tensor, and indices along one of its axes that reach as far as it or less far beside the axis.
  private static func besideAxis(_ d: inout Draw) throws -> (x: Tensor, axis: Int, index: Tensor) {
    let shape = d.shape(1...4, empty: false)
    let axis = d.axis(of: shape)
    var lengths = shape
    for each in shape.indices { lengths[each] = each == axis ? d.below(5) : shape[each] - d.below(2) }
    return (try d.tensor(shape), axis, try d.indices(lengths, below: shape[axis]))
  }

  /// Operators that need no values.
  static let creations: [OperatorFamily] = [
    OperatorFamily(
      "Fill", wild: { Fill(type: TensorType($0.dtype(), $0.anyShape()), value: $0.number()) }
    ) { d in OperatorUse(Fill(type: TensorType(d.dtype(), d.shape()), value: 1), []) },
    OperatorFamily(
      "Iota", wild: { Iota(type: TensorType($0.dtype(), $0.anyShape()), axis: $0.integer()) }
    ) { d in
      let shape = d.shape(1...4)
      let dtype = d.pick([DType.float32, .float64, .int32, .int64])
      return OperatorUse(Iota(type: TensorType(dtype, shape), axis: d.axis(of: shape)), [])
    },
    OperatorFamily(
      "RandomFill",
      wild: {
        RandomFill(
          type: TensorType($0.dtype(), $0.anyShape()),
          distribution: $0.coin()
            ? .uniform(low: $0.number(), high: $0.number())
            : .normal(mean: $0.number(), deviation: $0.number()),
          seed: 1, stream: 2)
      }
    ) { d in
      let type = TensorType(d.coin() ? .float32 : .float64, d.shape())
      let distribution = d.pick([
        RandomDistribution.uniform(low: -1, high: 3), .normal(mean: 1, deviation: 0.5),
      ])
      return OperatorUse(
        RandomFill(type: type, distribution: distribution, seed: 5, stream: 6), [Tensor(Int64(d.below(99)))])
    },
  ]
}
