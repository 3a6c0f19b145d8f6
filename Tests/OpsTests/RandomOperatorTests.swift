import Testing
import TributaryOps

/// Random tensors and dropout: pure functions of (seed, stream, step, element), with the moments that they should have.
@Suite struct RandomOperatorTests {
  /// The generator of a step, from its definition.
  private func generator(seed: UInt64, stream: UInt64, step: UInt64) -> (Philox4x32, UInt64) {
    func low(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word) }
    let words = Philox4x32(seed: seed).block([low(step), low(step >> 32), low(stream), low(stream >> 32)])
    return (Philox4x32(key: [words[0], words[1]]), UInt64(words[3]) << 32 | UInt64(words[2]))
  }

  private func fill(
    _ distribution: RandomDistribution, _ shape: Shape, _ dtype: DType = .float64, seed: UInt64 = 1,
    stream: UInt64 = 2, step: Int64 = 3
  ) throws -> [Double] {
    let type = TensorType(dtype, shape)
    return try RandomFill(type: type, distribution: distribution, seed: seed, stream: stream)
      .evaluate(on: [Tensor(step)])[0].doubles
  }

  private func mask(
    _ rate: Double, _ count: Int, seed: UInt64 = 1, stream: UInt64 = 2, step: Int64 = 3
  ) throws -> [Bool] {
    let ones = try Tensor([Float](repeating: 1, count: count), shape: [count])
    return try RandomDrop(rate: rate, seed: seed, stream: stream).evaluate(on: [ones, Tensor(step)])[0]
      .doubles
      .map { $0 != 0 }
  }

  @Test(arguments: [(0, 0, 0), (7, 3, 5), (UInt64.max, UInt64.max - 1, UInt64(bitPattern: -2))])
  func numbersFollowTheDefinition(seed: UInt64, stream: UInt64, step: UInt64) throws {
    let (source, inner) = generator(seed: seed, stream: stream, step: step)
    let signed = Int64(bitPattern: step)
    let uniform = try fill(
      .uniform(low: 0, high: 1), [3, 211], seed: seed, stream: stream, step: signed)
    #expect(uniform == source.uniform(stream: inner, count: 633))
    let normal = try fill(
      .normal(mean: 0, deviation: 1), [633], seed: seed, stream: stream, step: signed)
    #expect(normal == source.normal(stream: inner, count: 633))
    for rate in [0.1, 0.5, 0.9] {
      let wanted = (0..<633).map { element -> Bool in
        let block = UInt32(element / 4)
        let words = source.block(
          [block, 0, UInt32(truncatingIfNeeded: inner), UInt32(truncatingIfNeeded: inner >> 32)])
        return Double(words[element % 4]) >= (rate * 0x1p32).rounded()
      }
      #expect(try mask(rate, 633, seed: seed, stream: stream, step: signed) == wanted)
    }
  }

  @Test func singleIsDoubleRounded() throws {
    let wide = try fill(.normal(mean: 3, deviation: 2), [500])
    #expect(try fill(.normal(mean: 3, deviation: 2), [500], .float32) == wide.map { Double(Float($0)) })
    let even = try fill(.uniform(low: -2, high: 5), [500])
    #expect(try fill(.uniform(low: -2, high: 5), [500], .float32) == even.map { Double(Float($0)) })
  }

  @Test func theUpperBoundIsNotReached() throws {
    // So narrow a range that most numbers round to one of its ends.
    let high = Double(Float(1).nextUp)
    let values = try fill(.uniform(low: 1, high: high), [1000], .float32)
    #expect(values.allSatisfy { $0 == 1 })
    #expect(try fill(.uniform(low: 4, high: 4), [10], .float32).allSatisfy { $0 == 4 })
    let wide = try fill(.uniform(low: -1, high: 1), [100_000], .float32)
    #expect(wide.allSatisfy { $0 >= -1 && $0 < 1 })
  }

  @Test func seedStreamAndStepAllMatter() throws {
    let base = try mask(0.5, 256)
    #expect(try mask(0.5, 256) == base)
    #expect(try mask(0.5, 256, seed: 9) != base)
    #expect(try mask(0.5, 256, stream: 9) != base)
    #expect(try mask(0.5, 256, step: 9) != base)
    // A step is no shift of another, nor is a stream.
    let (first, second) = (try mask(0.5, 256, step: 4), try mask(0.5, 256, stream: 4, step: 2))
    #expect(first != second)
  }

  @Test func moments() throws {
    let count = 100_000
    func moment(_ values: [Double], _ power: Int) -> Double {
      values.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x } } / Double(count)
    }
    let uniform = try fill(.uniform(low: -1, high: 1), [count])
    #expect(abs(moment(uniform, 1)) < 0.01 && abs(moment(uniform, 2) - 1.0 / 3) < 0.005)
    // Five standard errors.
    let normal = try fill(.normal(mean: 0, deviation: 1), [count])
    #expect(abs(moment(normal, 1)) < 0.016 && abs(moment(normal, 2) - 1) < 0.023)
    #expect(abs(moment(normal, 3)) < 0.062 && abs(moment(normal, 4) - 3) < 0.16)
    // Steps and streams beside each other are not correlated.
    for other in [
      try fill(.normal(mean: 0, deviation: 1), [count], step: 4),
      try fill(.normal(mean: 0, deviation: 1), [count], stream: 3),
      try fill(.normal(mean: 0, deviation: 1), [count], seed: 2),
    ] {
      #expect(abs(zip(normal, other).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)) < 0.016)
    }
  }

  @Test(arguments: [0.0, 0.1, 0.5, 0.9, 1.0])
  func maskHasTheRate(_ rate: Double) throws {
    let count = 100_000
    let kept = try mask(rate, count)
    let share = Double(kept.count { $0 }) / Double(count)
    #expect(abs(share - (1 - rate)) <= 5 * (rate * (1 - rate) / Double(count)).squareRoot())
    // Neighbours, also those of one block, are independent.
    for distance in [1, 2, 3, 4, 16] {
      let both = zip(kept, kept.dropFirst(distance)).count { $0 && $1 }
      let wanted = (1 - rate) * (1 - rate)
      let error = 5 * (wanted * (1 - wanted) / Double(count)).squareRoot()
      #expect(abs(Double(both) / Double(count) - wanted) <= error + 2e-4)
    }
  }

  @Test func keptElementsAreScaledAndOthersAreZeroWhateverTheyWere() throws {
    let values: [Double] = [.nan, .infinity, -.infinity, 3]
    let x = try Tensor((0..<64).map { values[$0 % 4] }, shape: [64])
    let y = try RandomDrop(rate: 0.75, seed: 5, stream: 0).evaluate(on: [x, Tensor(Int64(0))])[0].doubles
    let kept = try mask(0.75, 64, seed: 5, stream: 0, step: 0)
    for (index, value) in y.enumerated() {
      let want = kept[index] ? 4 * values[index % 4] : 0
      #expect(value == want || value.isNaN && want.isNaN)
    }
    #expect(kept.contains(true) && kept.contains(false))
  }
}
