import Testing
import TributaryOps

@Suite struct ShapeOperatorTests {
  /// A tensor whose elements are their own positions.
  private func positions(_ shape: Shape, _ dtype: DType = .float32) throws -> Tensor {
    let count = shape.elementCount
    switch dtype {
    case .float32: return try Tensor((0..<count).map { Float($0 + 1) }, shape: shape)
    case .float64: return try Tensor((0..<count).map { Double($0 + 1) }, shape: shape)
    case .int32: return try Tensor((0..<count).map { Int32($0 + 1) }, shape: shape)
    case .int64: return try Tensor((0..<count).map { Int64($0 + 1) }, shape: shape)
    case .bool: return try Tensor((0..<count).map { $0 % 3 == 0 }, shape: shape)
    }
  }

  /// The index vectors of a shape in row-major order.
  private func indices(_ shape: Shape) -> [[Int]] {
    var result: [[Int]] = [[]]
    for axis in 0..<shape.rank {
      result = result.flatMap { prefix in (0..<shape[axis]).map { prefix + [$0] } }
    }
    return result
  }

  private func flat(_ index: [Int], _ shape: Shape) -> Int {
    zip(index, shape.strides).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The operator over the whole and over every cut of every axis equals `want`, and a region needs no more of its
  /// inputs than it states.
  private func check(_ op: any Operator, _ inputs: [Tensor], _ want: [Double]) throws {
    let whole = try Evaluation.run(op, inputs)
    #expect(try Evaluation.doubles(whole) == want, "\(op)")
    let signature = Signature(inputs: inputs.map(\.type), outputs: [whole.type])
    for axis in 0..<whole.shape.rank {
      for length in [1, 3] {
        let regions = Evaluation.cut(whole.shape, axis: axis, into: length)
        #expect(
          try Evaluation.doubles(Evaluation.run(op, inputs, regions: regions)) == want || want.isEmpty,
          "\(op) cut along \(axis) by \(length)")
        guard whole.dtype == .float32 else { continue }
        for region in regions {
          var poisoned: [Tensor] = []
          for (index, input) in inputs.enumerated() {
            var values = [Float](repeating: .nan, count: input.elementCount)
            let original = try input.elements(Float.self)
            op.inputRegion(index, for: region, signature)
              .forEachRun(in: input.shape) { offset, count in
                for element in offset..<offset + count { values[element] = original[element] }
              }
            poisoned.append(try Tensor(values, shape: input.shape))
          }
          let got = try Evaluation.doubles(Evaluation.run(op, poisoned, regions: [region]))
          region.forEachRun(in: whole.shape) { offset, count in
            #expect(
              Array(got[offset..<offset + count]) == Array(want[offset..<offset + count]), "\(op) \(region)")
          }
        }
      }
    }
    if let offset = op.viewOffset(signature) {
      let source = try Evaluation.doubles(inputs[0])
      #expect(Array(source[offset..<offset + want.count]) == want, "\(op) as a view")
    }
  }

  @Test(arguments: DType.allCases)
  func transposes(dtype: DType) throws {
    let cases: [([Int], [Int])] = [
      ([5, 7], [1, 0]), ([70, 45], [1, 0]), ([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [0, 2, 1]),
      ([2, 3, 4], [1, 0, 2]),
      ([2, 3, 4, 5], [3, 1, 0, 2]), ([1, 6, 1], [2, 1, 0]), ([0, 3], [1, 0]), ([], []), ([4], [0]),
    ]
    for (lengths, permutation) in cases {
      let shape = Shape(lengths)
      let input = try positions(shape, dtype)
      let values = try Evaluation.doubles(input)
      let output = Shape(permutation.map { shape[$0] })
      let want = indices(output)
        .map { index -> Double in
          var source = [Int](repeating: 0, count: shape.rank)
          for (axis, from) in permutation.enumerated() { source[from] = index[axis] }
          return values[flat(source, shape)]
        }
      try check(Transpose(permutation: permutation), [input], want)
    }
  }

  @Test func reshapesAreViews() throws {
    let input = try positions([4, 6])
    try check(Reshape(shape: [2, 3, 4]), [input], try Evaluation.doubles(input))
    #expect(throws: ShapeError.self) { try Reshape(shape: [5, 5]).outputTypes(for: [input.type]) }
  }

  static let slices: [([Int], [Int], [Int], [Int])] = [
    ([6, 5], [1, 0], [4, 5], [1, 1]), ([6, 5], [0, 1], [6, 5], [2, 3]),
    ([6, 5], [5, 4], [-1, 0], [-1, -2]),
    ([6, 5], [2, 2], [3, 5], [1, 1]), ([7], [6], [-1], [-3]), ([6, 5], [3, 0], [3, 5], [1, 1]),
    ([2, 3, 4], [1, 0, 0], [2, 3, 4], [1, 1, 1]), ([2, 3, 4], [0, 2, 1], [2, -1, 4], [1, -1, 2]),
  ]

  @Test(arguments: slices)
  func slicesAndTheirGradients(lengths: [Int], starts: [Int], stops: [Int], steps: [Int]) throws {
    let shape = Shape(lengths)
    let input = try positions(shape)
    let values = try Evaluation.doubles(input)
    let op = Slice(starts: starts, stops: stops, steps: steps)
    let output = try op.outputTypes(for: [input.type])[0].shape
    let places = indices(output).map { index in
      flat((0..<shape.rank).map { starts[$0] + index[$0] * steps[$0] }, shape)
    }
    try check(op, [input], places.map { values[$0] })
    let cotangent = try positions(output)
    var scattered = [Double](repeating: 0, count: shape.elementCount)
    for (place, value) in zip(places, try Evaluation.doubles(cotangent)) { scattered[place] = value }
    try check(SliceScatter(starts: starts, steps: steps, shape: shape), [cotangent], scattered)
  }

  @Test func aSliceOfLeadingRowsIsAView() throws {
    let signature = { (op: Slice, shape: Shape) throws -> Int? in
      let input = TensorType(.float32, shape)
      return op.viewOffset(Signature(inputs: [input], outputs: try op.outputTypes(for: [input])))
    }
    #expect(try signature(Slice(starts: [2, 0], stops: [4, 5], steps: [1, 1]), [6, 5]) == 10)
    #expect(try signature(Slice(starts: [1, 2, 0], stops: [2, 3, 4], steps: [1, 1, 1]), [2, 3, 4]) == 20)
    #expect(try signature(Slice(starts: [0, 1], stops: [6, 5], steps: [1, 1]), [6, 5]) == nil)
    #expect(try signature(Slice(starts: [0, 0], stops: [6, 5], steps: [2, 1]), [6, 5]) == nil)
  }

  @Test func pads() throws {
    let input = try positions([2, 3])
    let want: [Double] = [
      -1, -1, -1, -1, -1, -1, 1, 2, 3, -1, -1, 4, 5, 6, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    ]
    try check(Pad(pads: [[1, 2], [1, 1]], value: -1), [input], want)
    try check(Pad(pads: [[0, 0], [0, 0]]), [input], [1, 2, 3, 4, 5, 6])
    try check(Pad(pads: [[1, 0]], value: 2), [try positions([0])], [2])
    try check(Pad(pads: [[1, 1]], value: 9), [try positions([2], .int64)], [9, 1, 2, 9])
    #expect(throws: ShapeError.self) { try Pad(pads: [[1, -1], [0, 0]]).outputTypes(for: [input.type]) }
  }

  @Test func concatenates() throws {
    let parts = [try positions([2, 3]), try positions([2, 0]), try positions([2, 2])]
    try check(Concat(axis: 1), parts, [1, 2, 3, 1, 2, 4, 5, 6, 3, 4])
    try check(Concat(axis: 0), [try positions([1, 2]), try positions([2, 2])], [1, 2, 1, 2, 3, 4])
    try check(Concat(axis: 0), [try positions([3])], [1, 2, 3])
    #expect(throws: ShapeError.self) {
      try Concat(axis: 1).outputTypes(for: [parts[0].type, .init(.float32, [3, 3])])
    }
    #expect(throws: ShapeError.self) { try Concat(axis: 2).outputTypes(for: [parts[0].type]) }
  }
}
