import TributaryAutodiff
import TributaryOps

extension GradientCase {
  static let products: [GradientCase] = {
    let plain: [(Shape, Shape, Bool, Bool)] = [
      ([3, 4], [4, 2], false, false), ([4, 3], [4, 2], true, false), ([3, 4], [2, 4], false, true),
      ([4, 3], [2, 4], true, true), ([1, 4], [4, 1], false, false), ([4], [4], false, false),
      ([4], [4, 3], false, false),
      ([3, 4], [4], false, false), ([2, 3, 4], [4, 2], false, false), ([2, 3, 4], [2, 4], false, true),
      ([2, 4, 3], [4, 2], true, false), ([3, 4], [2, 4, 2], false, false),
      ([2, 3, 4], [2, 4, 2], false, false),
      ([2, 1, 3, 4], [2, 4, 2], false, false), ([2, 4, 3], [2, 2, 4], true, true),
      ([4], [2, 4, 3], false, false),
      ([2, 3, 4], [4], false, false),
    ]
    let products = plain.map { a, b, transposeA, transposeB in
      GradientCase(
        "matmul \(a)\(transposeA ? "ᵀ" : "") \(b)\(transposeB ? "ᵀ" : "")",
        points: { [try $0.tensor(a), try $0.tensor(b)] },
        { _, x in matmul(x[0], x[1], transposeA: transposeA, transposeB: transposeB) })
    }
    let direct = [
      GradientCase(
        "matmul operator, batch against one matrix",
        points: { [try $0.tensor([2, 3, 4]), try $0.tensor([4, 2])] },
        { g, x in g.apply(MatMul(transposeA: false, transposeB: false), to: x[0], x[1]) }),
      GradientCase(
        "accumulating matmul",
        points: { [try $0.tensor([3, 4]), try $0.tensor([4, 2]), try $0.tensor([3, 2])] },
        { g, x in
          square(
            g.apply(MatMul(transposeA: false, transposeB: false, accumulating: true), to: x[0], x[1], x[2]))
        }),
      GradientCase(
        "accumulate", points: { [try $0.tensor([3]), try $0.tensor([3]), try $0.tensor([3])] },
        { g, x in square(g.apply(Accumulate(), to: x[0], x[1], x[2])) }),
    ]
    return products + direct
  }()

  static let shapes: [GradientCase] = [
    GradientCase(
      "reshape", points: { [try $0.tensor([3, 4])] }, { _, x in square(reshape(x[0], [2, -1])) }),
    GradientCase("transpose", points: { [try $0.tensor([3, 4])] }, { _, x in square(transpose(x[0])) }),
    GradientCase(
      "permutation", points: { [try $0.tensor([2, 3, 4])] },
      { _, x in square(transpose(x[0], permutation: [1, -1, 0])) }),
    GradientCase(
      "swapped axes", points: { [try $0.tensor([2, 3, 4])] }, { _, x in square(swapAxes(x[0], 0, -1)) }),
    GradientCase(
      "broadcast", points: { [try $0.tensor([3, 1])] }, { _, x in square(broadcast(x[0], to: [2, 3, 4])) }),
    GradientCase(
      "concat", points: { [try $0.tensor([2, 3]), try $0.tensor([2, 1]), try $0.tensor([2, 2])] },
      { _, x in square(concat(x, axis: -1)) }),
    GradientCase(
      "concat of one value twice", points: { [try $0.tensor([2, 3])] },
      { _, x in square(concat([x[0], x[0]], axis: 0)) }),
    GradientCase(
      "stack", points: { [try $0.tensor([2, 3]), try $0.tensor([2, 3])] },
      { _, x in square(stack(x, axis: 1)) }),
    GradientCase(
      "split", points: { [try $0.tensor([2, 7])] },
      { _, x in
        let parts = split(x[0], sizes: [3, 1, 3], axis: 1)
        return parts[0] * parts[2] + parts[1]
      }),
    GradientCase(
      "pad", points: { [try $0.tensor([2, 3])] },
      { _, x in square(pad(x[0], [(before: 1, after: 0), (before: 2, after: 1)], value: 3)) }),
    GradientCase(
      "cast to f32 and back is left alone", points: { [try $0.tensor([3])] },
      { _, x in cast(x[0], to: .float64) * 3 }),
  ]

  static let slices: [GradientCase] = {
    let ranges: [([Int?], [Int?], [Int?]?)] = [
      ([1], [4], nil), ([nil, 1], [nil, -1], nil), ([nil], [nil], [2]), ([-3, nil], [nil, 3], [1, 2]),
      ([nil], [nil], [-1]), ([4, 3], [0, nil], [-2, -3]), ([10], [20], nil),
    ]
    let plain = ranges.map { starts, stops, steps in
      GradientCase(
        "slice \(starts.map { $0.map(String.init) ?? "" }) \(stops.map { $0.map(String.init) ?? "" })",
        points: { [try $0.tensor([5, 4])] },
        { _, x in square(slice(x[0], starts: starts, stops: stops, steps: steps)) })
    }
    return plain + [
      GradientCase(
        "rows", points: { [try $0.tensor([5, 4])] }, { _, x in square(slice(x[0], axis: -1, 1..<3)) }),
      GradientCase(
        "slice scatter", points: { [try $0.tensor([2, 2])] },
        { g, x in square(g.apply(SliceScatter(starts: [4, 0], steps: [-3, 2], shape: [5, 3]), to: x[0])) }),
    ]
  }()

  static let softmaxes: [GradientCase] =
    softmaxes([5], 0) + softmaxes([3, 4], -1) + softmaxes([3, 4], 0) + softmaxes([2, 3, 4], 1)

  private static func softmaxes(_ shape: Shape, _ axis: Int) -> [GradientCase] {
    let resolved = axis < 0 ? axis + shape.rank : axis
    let place = "\(shape) \(axis)"
    return [
      GradientCase(
        "softmax \(place)", points: { [try $0.tensor(shape)] }, { _, x in softmax(x[0], axis: axis) }),
      GradientCase(
        "log softmax \(place)", points: { [try $0.tensor(shape)] }, { _, x in logSoftmax(x[0], axis: axis) }),
      GradientCase(
        "softmax gradient \(place)", points: { [try $0.tensor(shape), try $0.tensor(shape)] },
        { g, x in g.apply(SoftmaxGradient(axis: resolved), to: x[0], x[1]) }),
      GradientCase(
        "log softmax gradient \(place)", points: { [try $0.tensor(shape), try $0.tensor(shape)] },
        { g, x in g.apply(LogSoftmaxGradient(axis: resolved), to: x[0], x[1]) }),
    ]
  }

  static let indexing: [GradientCase] = [
    GradientCase(
      "embedding", points: { [try $0.tensor([5, 3]), try $0.indices([2, 4], below: 5)] },
      { _, x in square(embedding(x[0], x[1])) }),
    GradientCase(
      "gather", points: { [try $0.tensor([3, 4]), try $0.indices([3, 6], below: 4)] },
      { _, x in square(gather(x[0], x[1], axis: 1)) }),
    GradientCase(
      "index select rows", points: { [try $0.tensor([4, 3]), try $0.indices([6], below: 4)] },
      { _, x in square(indexSelect(x[0], x[1], axis: 0)) }),
    GradientCase(
      "index select in the middle", points: { [try $0.tensor([2, 4, 3]), try $0.indices([6], below: 4)] },
      { _, x in square(indexSelect(x[0], x[1], axis: -2)) }),
    GradientCase(
      "scatter add",
      points: { [try $0.tensor([5, 3]), try $0.indices([7, 3], below: 5), try $0.tensor([7, 3])] },
      { _, x in square(scatterAdd(x[0], x[1], x[2], axis: 0)) }),
  ]
}
