import Testing
import TributaryOps

/// Elementwise functions over short rows along which operands are broadcast: the values of full-size operands, and any region.
@Suite struct ShortRowTests {
  private static let shapes: [(Shape, Shape)] = [
    ([64, 3], [64, 1]), ([8, 8, 3], [8, 1, 3]), ([1, 8, 3], [8, 1, 3]), ([8, 1, 3], [8, 8, 1]),
    ([700, 8], [8]),
    ([2049, 1], [1, 2]), ([33, 17], [17]), ([5, 63], [5, 1]), ([3, 2, 5, 2], [2, 1, 2]),
    ([2, 3, 1, 5, 1], [3, 4, 1, 2]),
    ([40, 1, 70], [40, 3, 1]), ([3, 1100, 2], [3, 1, 2]), ([6, 1, 7, 1, 2], [1, 5, 1, 3, 1]),
  ]

  private func spread(_ tensor: Tensor, to shape: Shape) throws -> Tensor {
    let values = try tensor.elements(Float.self)
    let missing = shape.rank - tensor.shape.rank
    let strides = tensor.shape.strides
    let result = (0..<shape.elementCount).map { element -> Float in
      let place = shape.position(of: element)
      var offset = 0
      for axis in tensor.shape.indices where tensor.shape[axis] != 1 {
        offset += place[axis + missing] * strides[axis]
      }
      return values[offset]
    }
    return try Tensor(result, shape: shape)
  }

  @Test("broadcast operands give what full-size ones do", arguments: shapes)
  func values(_ shapes: (Shape, Shape)) throws {
    var random = TestRandom(5)
    let a = random.tensor(.float32, shapes.0)
    let b = random.tensor(.float32, shapes.1)
    for function in [BinaryFunction.sub, .pow] {
      let found = try Binary(function).evaluate(on: [a, b])[0]
      let whole = try Binary(function).evaluate(
        on: [spread(a, to: found.shape), spread(b, to: found.shape)])[0]
      #expect(found.bytes == whole.bytes)
    }
  }

  @Test("so do conditions of one byte and numbers of eight")
  func otherWidths() throws {
    let flags: [Bool] = (0..<90).map { (row: Int) in row % 3 == 0 }
    let left: [Double] = (0..<7).map { Double($0) }
    let right: [Double] = (0..<90).map { -Double($0) }
    let found: [Double] = try Where().evaluate(on: [
      try Tensor(flags, shape: [90, 1]), try Tensor(left, shape: [7]), try Tensor(right, shape: [90, 1]),
    ])[0].elements()
    let expected: [Double] = (0..<630).map { (element: Int) in
      let row = element / 7
      return flags[row] ? left[element % 7] : right[row]
    }
    #expect(found == expected)
  }

  @Test("scratch memory is asked for where something is spread, and nowhere else")
  func scratch() throws {
    func bytes(_ a: Shape, _ b: Shape) throws -> Int {
      let inputs = [TensorType(.float32, a), TensorType(.float32, b)]
      let signature = Signature(inputs: inputs, outputs: try Binary(.mul).outputTypes(for: inputs))
      return Binary(.mul).scratchBytes(signature, region: Region(whole: signature.outputs[0].shape))
    }
    #expect(try bytes([64, 3], [64, 3]) == 0)
    #expect(try bytes([64, 3], []) == 0)
    #expect(try bytes([64, 512], [512]) == 0)
    #expect(try bytes([64, 3], [3]) == 64 * 3 * 4 + 64)
    #expect(try bytes([4096, 1], [1, 4]) == 2 * (1024 * 4 + 64))
  }
}
