import Testing
import Tributary

/// The comparison rule itself: a bound that accepts everything would make every fixture pass.
@Suite struct ComparisonTests {
  let exact = Tolerance(rel: 0, abs: 0, scale: .floor)
  let loose = Tolerance(rel: 1e-3, abs: 1e-2, scale: .max)

  private func mismatch(_ tolerance: Tolerance, _ got: [Float], _ want: [Double], floor: Double = 0) throws
    -> String?
  {
    try tolerance.mismatch(
      got: Tensor(got, shape: [got.count]), want: Tensor(want, shape: [want.count]), floor: floor)
  }

  @Test func exactMeansRoundedToFloat32() throws {
    #expect(try mismatch(exact, [0.1, -0.0], [0.1, 0]) == nil)
    #expect(try mismatch(exact, [Float(0.1).nextUp], [0.1]) != nil)
  }

  @Test func subnormalsMayBeFlushed() throws {
    #expect(try mismatch(exact, [0], [1e-39]) == nil)
    #expect(try mismatch(exact, [0], [1e-37]) != nil)
  }

  @Test func infinitiesAndNaNsMustMatch() throws {
    #expect(try mismatch(loose, [.infinity, .nan], [1e39, .nan]) == nil)
    #expect(try mismatch(loose, [-.infinity], [1e39]) != nil)
    #expect(try mismatch(loose, [1], [.nan]) != nil)
    #expect(try mismatch(loose, [.nan], [1]) != nil)
    #expect(try mismatch(loose, [.infinity], [1]) != nil)
  }

  @Test func theLargestElementScalesTheAbsoluteBound() throws {
    #expect(try mismatch(loose, [100, 0.9], [100, 0]) == nil)
    #expect(try mismatch(loose, [100, 1.1], [100, 0]) == "[1] got \(Double(Float(1.1))), want 0.0")
    #expect(try mismatch(loose, [0.9], [0], floor: 100) == nil)
    #expect(
      try mismatch(Tolerance(rel: 0, abs: 1e-2, scale: .floor), [100, 0.9], [100, 0], floor: 1) != nil)
  }

  @Test func shapesAndIntegersMustBeEqual() throws {
    let one = try Tensor([Int64(1)], shape: [1])
    #expect(try exact.mismatch(got: Tensor([Int32(1)], shape: [1]), want: one, floor: 0) == nil)
    #expect(try loose.mismatch(got: Tensor([Int32(2)], shape: [1]), want: one, floor: 0) != nil)
    #expect(try loose.mismatch(got: Tensor([Int64(1)], shape: [1, 1]), want: one, floor: 0) != nil)
  }
}
