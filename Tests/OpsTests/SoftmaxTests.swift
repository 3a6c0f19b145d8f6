import Testing
import TributaryOps

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct SoftmaxTests {
  private func close(_ got: [Double], _ want: [Double], _ dtype: DType) -> Bool {
    let tolerance = dtype == .float32 ? 3e-6 : 1e-13
    return got.count == want.count
      && zip(got, want).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) || ($0.isNaN && $1.isNaN) }
  }

  /// Softmax and its logarithm along an axis by their definition, with the gradients for a cotangent.
  private func reference(
    _ x: [Double], _ dy: [Double], _ shape: Shape, axis: Int
  ) -> (y: [Double], log: [Double], dy: [Double], dlog: [Double]) {
    let (length, inner) = (shape[axis], shape.dropFirst(axis + 1).reduce(1, *))
    var result = (y: x, log: x, dy: x, dlog: x)
    for start in 0..<x.count where (start / inner) % length == 0 {
      let places = (0..<length).map { start + $0 * inner }
      let maximum = places.map { x[$0] }.max()!
      let sum = places.reduce(0) { $0 + exp(x[$1] - maximum) }
      for place in places {
        result.y[place] = exp(x[place] - maximum) / sum
        result.log[place] = x[place] - maximum - log(sum)
      }
      let dot = places.reduce(0) { $0 + dy[$1] * result.y[$1] }
      let total = places.reduce(0) { $0 + dy[$1] }
      for place in places {
        result.dy[place] = (dy[place] - dot) * result.y[place]
        result.dlog[place] = dy[place] - result.y[place] * total
      }
    }
    return result
  }

  @Test(
    arguments: [DType.float32, .float64], [[4, 10], [3, 1000], [5, 33, 70], [2, 3, 4, 1], [7], [1, 1]])
  func equalsTheDefinition(dtype: DType, lengths: [Int]) throws {
    let shape = Shape(lengths)
    for axis in 0..<shape.rank {
      var x = try Evaluation.tensor(dtype, shape, seed: 1)
      // Large enough that only a stable form survives.
      let scaled = try Evaluation.doubles(x).map { $0 * 300 }
      x =
        dtype == .float32
        ? try Tensor(scaled.map { Float($0) }, shape: shape) : try Tensor(scaled, shape: shape)
      let dy = try Evaluation.tensor(dtype, shape, seed: 2)
      let want = reference(try Evaluation.doubles(x), try Evaluation.doubles(dy), shape, axis: axis)
      let y = try Evaluation.run(Softmax(axis: axis), [x])
      let log = try Evaluation.run(LogSoftmax(axis: axis), [x])
      #expect(close(try Evaluation.doubles(y), want.y, dtype), "softmax \(shape) \(axis)")
      #expect(close(try Evaluation.doubles(log), want.log, dtype), "log_softmax \(shape) \(axis)")
      let gradient = try Evaluation.run(SoftmaxGradient(axis: axis), [dy, y])
      #expect(close(try Evaluation.doubles(gradient), want.dy, dtype), "gradient \(shape) \(axis)")
      let ofLog = try Evaluation.run(LogSoftmaxGradient(axis: axis), [dy, log])
      // The logarithms reach 600, so their exponentials carry that rounding.
      let tolerance = dtype == .float32 ? 2e-3 : 1e-11
      #expect(
        zip(try Evaluation.doubles(ofLog), want.dlog).allSatisfy {
          abs($0 - $1) <= tolerance * max(1, abs($1))
        },
        "gradient of the logarithm \(shape) \(axis)")
    }
  }

  @Test func limitsFollowPyTorch() throws {
    let infinity = Float.infinity
    let x = try Tensor([-infinity, -infinity, 0, -infinity, 1, infinity, .nan, 1], shape: [4, 2])
    let y = try Evaluation.run(Softmax(axis: 1), [x]).elements(Float.self)
    #expect(y[0].isNaN && y[1].isNaN)
    #expect(y[2] == 1 && y[3] == 0)
    #expect(y[4...].allSatisfy { $0.isNaN })
    let log = try Evaluation.run(LogSoftmax(axis: 1), [x]).elements(Float.self)
    #expect(log[0].isNaN && log[1].isNaN)
    #expect(log[2] == 0 && log[3] == -infinity)
  }

  @Test func mistakesAreNamed() {
    let x = TensorType(.float32, [2, 3])
    #expect(throws: ShapeError.self) { try Softmax(axis: 2).outputTypes(for: [x]) }
    #expect(throws: ShapeError.self) { try Softmax(axis: 0).outputTypes(for: [TensorType(.int32, [2, 3])]) }
    #expect(throws: ShapeError.self) { try Softmax(axis: 0).outputTypes(for: [x, x]) }
    #expect(throws: ShapeError.self) {
      try SoftmaxGradient(axis: 0).outputTypes(for: [x, TensorType(.float32, [2, 4])])
    }
  }
}
