import Testing
import TributaryOps

@Suite struct MatMulTests {
  /// The product by its definition, over one matrix.
  private func reference(
    _ a: [Double], _ b: [Double], m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool
  ) -> [Double] {
    var c = [Double](repeating: 0, count: m * n)
    for i in 0..<m {
      for j in 0..<n {
        var sum = 0.0
        for p in 0..<k {
          sum += a[transposeA ? p * m + i : i * k + p] * b[transposeB ? j * k + p : p * n + j]
        }
        c[i * n + j] = sum
      }
    }
    return c
  }

  private func expectClose(_ got: [Double], _ want: [Double], relative: Double, _ comment: Comment) {
    #expect(got.count == want.count, comment)
    let scale = want.map(abs).max() ?? 0
    let worst = zip(got, want).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= relative * max(scale, 1), comment)
    #expect(got.allSatisfy { !$0.isNaN }, comment)
  }

  static let shapes: [(Int, Int, Int)] = [
    (1, 1, 1), (3, 5, 7), (16, 16, 16), (17, 33, 9), (1, 40, 300), (300, 1, 40), (64, 48, 80), (31, 127, 65),
    (0, 4, 3), (4, 0, 3), (4, 3, 0), (128, 10, 256),
  ]

  @Test(arguments: [DType.float32, .float64], shapes)
  func equalsTheDefinition(dtype: DType, shape: (Int, Int, Int)) throws {
    let (m, n, k) = shape
    for transposeA in [false, true] {
      for transposeB in [false, true] {
        let a = try Evaluation.tensor(dtype, transposeA ? [k, m] : [m, k], seed: 1)
        let b = try Evaluation.tensor(dtype, transposeB ? [n, k] : [k, n], seed: 2)
        let c = try Evaluation.tensor(dtype, [m, n], seed: 3)
        let want = reference(
          try Evaluation.doubles(a), try Evaluation.doubles(b), m: m, n: n, k: k, transposeA: transposeA,
          transposeB: transposeB)
        let tolerance = dtype == .float32 ? 1e-5 : 1e-13
        let plain = MatMul(transposeA: transposeA, transposeB: transposeB)
        expectClose(
          try Evaluation.doubles(Evaluation.run(plain, [a, b])), want, relative: tolerance,
          "\(shape) \(plain)")
        let sum = MatMul(transposeA: transposeA, transposeB: transposeB, accumulating: true)
        let total = zip(want, try Evaluation.doubles(c)).map { $0 + $1 }
        expectClose(
          try Evaluation.doubles(Evaluation.run(sum, [a, b, c])), total, relative: tolerance,
          "\(shape) \(sum)")
        expectClose(
          try Evaluation.doubles(Evaluation.run(sum, [a, b, c], inPlace: 2)), total, relative: tolerance,
          "\(shape) \(sum) in place")
      }
    }
  }

  @Test(arguments: [
    ([2, 3, 4, 5], [2, 3, 5, 6]), ([2, 1, 4, 5], [3, 5, 6]), ([4, 5], [2, 3, 5, 6]), ([2, 3, 4, 5], [5, 6]),
    ([2, 3, 4, 5], [1, 1, 5, 6]), ([0, 4, 5], [5, 6]), ([7, 1, 5], [5, 6]), ([1, 3, 4, 5], [2, 1, 5, 6]),
  ])
  func leadingAxesBroadcast(shapes: ([Int], [Int])) throws {
    let (shapeA, shapeB) = (Shape(shapes.0), Shape(shapes.1))
    for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
      func stored(_ shape: Shape, _ transposed: Bool) -> Shape {
        let lengths = Array(shape)
        return transposed
          ? Shape(lengths.dropLast(2) + [lengths[lengths.count - 1], lengths[lengths.count - 2]]) : shape
      }
      let a = try Evaluation.tensor(.float32, stored(shapeA, transposeA), seed: 4)
      let b = try Evaluation.tensor(.float32, stored(shapeB, transposeB), seed: 5)
      let op = MatMul(transposeA: transposeA, transposeB: transposeB)
      let got = try Evaluation.run(op, [a, b])
      let batch = Shape(got.shape.dropLast(2))
      let (valuesA, valuesB) = (try Evaluation.doubles(a), try Evaluation.doubles(b))
      var want: [Double] = []
      for index in 0..<batch.elementCount {
        func start(_ shape: Shape, _ matrix: Int) -> Int {
          var (rest, offset) = (index, 0)
          var stride = matrix
          for axis in (0..<batch.rank).reversed() {
            let position = rest % batch[axis]
            rest /= batch[axis]
            let own = axis - (batch.rank - (shape.rank - 2))
            guard own >= 0 else { continue }
            if shape[own] != 1 { offset += position * stride }
            stride *= shape[own]
          }
          return offset
        }
        let m = shapeA[shapeA.rank - 2]
        let (startA, startB) = (start(shapeA, m * 5), start(shapeB, 30))
        want += reference(
          Array(valuesA[startA..<startA + m * 5]), Array(valuesB[startB..<startB + 30]), m: m, n: 6, k: 5,
          transposeA: transposeA, transposeB: transposeB)
      }
      expectClose(try Evaluation.doubles(got), want, relative: 1e-5, "\(shapes) \(op)")
      // Every cut of every axis, with the inputs' regions as the operator states them.
      let signature = Signature(inputs: [a.type, b.type], outputs: [got.type])
      for axis in 0..<got.shape.rank {
        let regions = Evaluation.cut(got.shape, axis: axis, into: 2)
        expectClose(
          try Evaluation.doubles(Evaluation.run(op, [a, b], regions: regions)), want, relative: 1e-5,
          "\(shapes) \(op) cut along \(axis)")
        for region in regions {
          try expectReadsOnly(op, [a, b], signature, region)
        }
      }
    }
  }

  /// Computing a region gives the same when everything outside the stated input regions is NaN.
  private func expectReadsOnly(
    _ op: MatMul, _ inputs: [Tensor], _ signature: Signature, _ region: Region
  ) throws {
    var poisoned: [Tensor] = []
    for (index, input) in inputs.enumerated() {
      var values = [Float](repeating: .nan, count: input.elementCount)
      let original = try input.elements(Float.self)
      op.inputRegion(index, for: region, signature)
        .forEachRun(in: input.shape) { offset, length in
          for element in offset..<offset + length { values[element] = original[element] }
        }
      poisoned.append(try Tensor(values, shape: input.shape))
    }
    let got = try Evaluation.run(op, poisoned, regions: [region]).elements(Float.self)
    region.forEachRun(in: signature.outputs[0].shape) { offset, length in
      #expect(got[offset..<offset + length].allSatisfy { !$0.isNaN }, "\(op) \(region)")
    }
  }

  @Test func aCutOfALargeProductEqualsTheWhole() throws {
    let a = try Evaluation.tensor(.float32, [300, 120], seed: 6)
    let b = try Evaluation.tensor(.float32, [120, 700], seed: 7)
    let whole = try Evaluation.doubles(Evaluation.run(MatMul(), [a, b]))
    for (axis, length) in [(0, 128), (1, 256), (1, 300)] {
      let regions = Evaluation.cut([300, 700], axis: axis, into: length)
      expectClose(
        try Evaluation.doubles(Evaluation.run(MatMul(), [a, b], regions: regions)), whole, relative: 1e-6,
        "axis \(axis) by \(length)")
    }
  }

  @Test func theShapesWeUseNeverFallToAReferenceImplementation() throws {
    for (m, n, k) in [
      (32, 128, 128), (128, 512, 784), (128, 10, 256), (512, 512, 512), (1, 512, 512), (8, 8, 8),
    ] {
      let signature = Signature(
        inputs: [TensorType(.float32, [m, k]), TensorType(.float32, [k, n])],
        outputs: [TensorType(.float32, [m, n])])
      let kernel = try MatMul().makeKernel(signature, region: Region(whole: [m, n]))
      #expect(!kernel.implementation.contains("ref"))
    }
  }

  @Test func mistakesAreNamed() {
    func message(_ a: TensorType, _ b: TensorType, _ op: MatMul = MatMul()) -> String {
      do throws(ShapeError) {
        _ = try op.outputTypes(for: [a, b])
        return "accepted"
      } catch { return error.message }
    }
    #expect(message(.init(.float32, [2, 3]), .init(.float32, [4, 5])).contains("inner lengths 3 and 4"))
    #expect(message(.init(.float32, [2, 3]), .init(.float64, [3, 5])).contains("different element types"))
    #expect(message(.init(.int32, [2, 3]), .init(.int32, [3, 5])).contains("f32 or f64"))
    #expect(message(.init(.float32, [3]), .init(.float32, [3, 5])).contains("at least 2 axes"))
    #expect(message(.init(.float32, [2, 2, 3]), .init(.float32, [3, 3, 5])).contains("do not broadcast"))
  }
}
