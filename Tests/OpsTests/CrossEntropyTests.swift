import Testing
import TributaryOps

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct CrossEntropyTests {
  struct Case: Sendable {
    let shape: [Int]
    let reduction: Reduction
    let ignoreIndex: Int?
    let smoothing: Double
  }

  static let cases: [Case] = [[6, 10], [4, 300], [3, 7, 5], [2, 4, 3, 40], [1, 1]].flatMap { shape in
    Reduction.allCases.flatMap { reduction in
      [(nil, 0.0), (1, 0.0), (nil, 0.2), (0, 0.1), (-100, 0)].map {
        Case(shape: shape, reduction: reduction, ignoreIndex: $0.0, smoothing: $0.1)
      }
    }
  }

  /// Losses by position and d logits for a cotangent of one loss each, by the definition.
  private func reference(
    _ x: [Double], _ classes: [Int], _ example: Case, cotangent: [Double]
  ) -> (losses: [Double], gradient: [Double], kept: Int) {
    let (count, inner) = (example.shape[1], example.shape.dropFirst(2).reduce(1, *))
    var losses: [Double] = []
    var gradient = [Double](repeating: 0, count: x.count)
    var kept = 0
    for (position, own) in classes.enumerated() {
      let places = (0..<count).map { (position / inner * count + $0) * inner + position % inner }
      guard own != example.ignoreIndex else {
        losses.append(0)
        continue
      }
      kept += 1
      let maximum = places.map { x[$0] }.max()!
      let sum = places.reduce(0) { $0 + exp(x[$1] - maximum) }
      var loss = 0.0
      for (number, place) in places.enumerated() {
        let target = (number == own ? 1 - example.smoothing : 0) + example.smoothing / Double(count)
        loss -= target * (x[place] - maximum - log(sum))
        gradient[place] =
          (exp(x[place] - maximum) / sum - target) * cotangent[cotangent.count == 1 ? 0 : position]
      }
      losses.append(loss)
    }
    return (losses, gradient, kept)
  }

  @Test(arguments: [DType.float32, .float64], cases)
  func equalsTheDefinition(dtype: DType, example: Case) throws {
    let shape = Shape(example.shape)
    var positions = example.shape
    let count = positions.remove(at: 1)
    let logits = try Evaluation.tensor(dtype, shape, seed: 3)
    let numbers = (0..<positions.reduce(1, *)).map { ($0 * 5 + 2) % count }
    let classes =
      dtype == .float32
      ? try Tensor(numbers.map(Int64.init), shape: Shape(positions))
      : try Tensor(numbers.map(Int32.init), shape: Shape(positions))
    let (reduction, ignore, smoothing) = (example.reduction, example.ignoreIndex, example.smoothing)
    let loss = try Evaluation.run(
      CrossEntropy(reduction: reduction, ignoreIndex: ignore, labelSmoothing: smoothing), [logits, classes])
    let cotangent = try Evaluation.tensor(dtype, loss.shape, seed: 4)
    let gradient = try Evaluation.run(
      CrossEntropyGradient(reduction: reduction, ignoreIndex: ignore, labelSmoothing: smoothing),
      [cotangent, logits, classes])
    let want = reference(
      try Evaluation.doubles(logits), numbers, example, cotangent: try Evaluation.doubles(cotangent))
    let divisor = reduction == .mean ? Double(want.kept) : 1
    let total = want.losses.reduce(0, +) / divisor
    let wanted = reduction == .none ? want.losses : [total]
    let tolerance = dtype == .float32 ? 3e-6 : 1e-13
    for (got, value) in zip(try Evaluation.doubles(loss), wanted) {
      #expect(abs(got - value) <= tolerance * max(1, abs(value)) || (got.isNaN && value.isNaN))
    }
    for (got, value) in zip(try Evaluation.doubles(gradient), want.gradient) {
      #expect(abs(got - value / divisor) <= tolerance || (want.kept == 0 && got == 0))
    }
  }

  @Test(arguments: [-1, 3, 1_000_000_000_000])
  func aClassOutOfRangeIsAFault(bad: Int) throws {
    let logits = try Evaluation.tensor(.float32, [2, 3], seed: 1)
    let classes = try Tensor([Int64(0), Int64(bad)], shape: [2])
    let one = Tensor(Float(1))
    for (op, inputs) in [
      (CrossEntropy() as any Operator, [logits, classes]), (CrossEntropyGradient(), [one, logits, classes]),
    ] {
      #expect(op.canFault)
      let fault = #expect(throws: KernelFault.self) { try Evaluation.run(op, inputs) }
      #expect(fault?.status == KernelStatus(.indexOutOfRange, detail: bad))
    }
    // The same number is fine where it is to be ignored.
    let loss = try Evaluation.run(CrossEntropy(ignoreIndex: bad), [logits, classes]).scalar(Float.self)
    #expect(loss.isFinite)
  }

  @Test func mistakesAreNamed() {
    let logits = TensorType(.float32, [4, 3])
    #expect(throws: ShapeError.self) {
      try CrossEntropy().outputTypes(for: [logits, TensorType(.int64, [3])])
    }
    #expect(throws: ShapeError.self) {
      try CrossEntropy().outputTypes(for: [logits, TensorType(.float32, [4])])
    }
    #expect(throws: ShapeError.self) {
      try CrossEntropy(labelSmoothing: 2).outputTypes(for: [logits, TensorType(.int64, [4])])
    }
    #expect(throws: ShapeError.self) {
      try CrossEntropy().outputTypes(for: [TensorType(.float32, [4]), TensorType(.int64, [])])
    }
  }
}
