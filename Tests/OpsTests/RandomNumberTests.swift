import Testing
import TributaryOps

/// Philox against the known answers of its authors' Random123 library, and what is drawn from it.
@Suite struct RandomNumberTests {
  @Test func philoxGivesTheKnownAnswers() {
    let all: UInt32 = 0xffff_ffff
    let answers: [(SIMD4<UInt32>, SIMD2<UInt32>, SIMD4<UInt32>)] = [
      ([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
      ([all, all, all, all], [all, all], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
      (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ]
    for (counter, key, words) in answers { #expect(Philox4x32(key: key).block(counter) == words) }
  }

  @Test func numbersDependOnTheirPlaceAlone() {
    let generator = Philox4x32(seed: 42)
    let uniform = generator.uniform(stream: 7, count: 101)
    let normal = generator.normal(stream: 7, count: 101)
    for first in [0, 1, 2, 33, 100] {
      for count in [0, 1, 2, 5] where first + count <= 101 {
        #expect(
          generator.uniform(stream: 7, from: first, count: count) == Array(uniform[first..<first + count]))
        #expect(
          generator.normal(stream: 7, from: first, count: count) == Array(normal[first..<first + count]))
      }
    }
    #expect(generator.uniform(stream: 8, count: 101) != uniform)
    #expect(Philox4x32(seed: 43).uniform(stream: 7, count: 101) != uniform)
  }

  @Test func momentsAreThoseOfTheDistributions() {
    let count = 100_000
    let uniform = Philox4x32(seed: 1).uniform(stream: 0, count: count)
    let normal = Philox4x32(seed: 1).normal(stream: 0, count: count)
    func moment(_ values: [Double], _ power: Int) -> Double {
      values.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x } } / Double(count)
    }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(moment(uniform, 1) - 0.5) < 0.005 && abs(moment(uniform, 2) - 1.0 / 3) < 0.005)
    // Five standard errors.
    #expect(abs(moment(normal, 1)) < 0.016 && abs(moment(normal, 2) - 1) < 0.023)
    #expect(abs(moment(normal, 3)) < 0.062 && abs(moment(normal, 4) - 3) < 0.16)
    // Neighbours share a block and must not be correlated.
    let products = stride(from: 0, to: count, by: 2).map { normal[$0] * normal[$0 + 1] }
    #expect(abs(products.reduce(0, +) / Double(products.count)) < 0.023)
  }

  @Test func initializersHaveTheirScale() throws {
    let type = TensorType(.float32, [300, 200])
    func draw(_ initializer: Initializer, _ type: TensorType) throws -> [Double] {
      try Tensor(initial: initializer, type: type, seed: 5, stream: 2).doubles
    }
    func deviation(_ values: [Double]) -> Double {
      (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    }
    #expect(abs(deviation(try draw(.heNormal, type)) / (2.0 / 300).squareRoot() - 1) < 0.02)
    #expect(abs(deviation(try draw(.normal(0.3), type)) / 0.3 - 1) < 0.02)
    let glorot = try draw(.glorotUniform, type)
    let limit = (6.0 / 500).squareRoot()
    #expect(glorot.allSatisfy { abs($0) <= limit * 1.000001 } && glorot.max()! > 0.99 * limit)
    #expect(try draw(.uniform(2), type).allSatisfy { abs($0) <= 2 })
    // [out, in, height, width]: an output sums 16 · 9 numbers.
    let image = TensorType(.float64, [64, 16, 3, 3])
    #expect(abs(deviation(try draw(.heNormal, image)) / (2.0 / 144).squareRoot() - 1) < 0.03)
    #expect(try draw(.constant(3), TensorType(.int64, [2])) == [3, 3])
    #expect(try draw(.values([1, 2]), TensorType(.float64, [2])) == [1, 2])
    // One draw in double is rounded to either type.
    let double = try Tensor(initial: .normal(1), type: TensorType(.float64, [50]), seed: 9, stream: 1).doubles
    let single = try Tensor(initial: .normal(1), type: TensorType(.float32, [50]), seed: 9, stream: 1)
    #expect(try single.elements() == double.map { Float($0) })
  }

  @Test func unsuitableInitializersAreErrors() {
    #expect(throws: ShapeError.self) {
      try Tensor(initial: .values([1]), type: TensorType(.float32, [2]), seed: 0, stream: 0)
    }
    #expect(throws: ShapeError.self) {
      try Tensor(initial: .constant(0.5), type: TensorType(.int32, [2]), seed: 0, stream: 0)
    }
    #expect(throws: ShapeError.self) {
      try Tensor(initial: .constant(0), type: TensorType(.float32, [-1]), seed: 0, stream: 0)
    }
  }
}
