import Testing
import TributaryOps

@testable import TributaryAutodiff

@Suite struct SliceTests {
  /// Python's own definition: the indices of `range(length)[start:stop:step]`.
  private func python(_ start: Int?, _ stop: Int?, _ step: Int, _ length: Int) -> [Int] {
    func bound(_ index: Int?, _ whenNil: Int) -> Int {
      guard var index else { return whenNil }
      if index < 0 { index += length }
      if index < 0 { return step < 0 ? -1 : 0 }
      if index >= length { return step < 0 ? length - 1 : length }
      return index
    }
    let first = bound(start, step < 0 ? length - 1 : 0)
    let end = bound(stop, step < 0 ? -1 : length)
    return Array(stride(from: first, to: end, by: step))
  }

  @Test("every slice of short axes has Python's indices, in one form")
  func exhaustive() throws {
    let positions: [Int?] = [nil, -7, -5, -4, -2, -1, 0, 1, 2, 4, 5, 6, 9]
    for length in 0...5 {
      for start in positions {
        for stop in positions {
          for step in [-7, -3, -2, -1, 1, 2, 3, 7] {
            let range = try NormalizedSlice(start: start, stop: stop, step: step, length: length)
            let indices = Array(stride(from: range.start, to: range.stop, by: range.step))
            #expect(indices == python(start, stop, step, length))
            if let last = indices.last { #expect(range.stop == last + range.step.signum()) }
          }
        }
      }
    }
  }

  @Test("extreme numbers are cut off, and a step of zero is refused")
  func extremes() throws {
    let range = try NormalizedSlice(start: .min, stop: .max, step: .max, length: 4)
    #expect((range.start, range.stop, range.step) == (0, 1, 1))
    #expect(throws: ShapeError.self) { try NormalizedSlice(start: nil, stop: nil, step: 0, length: 4) }
    #expect(throws: ShapeError.self) { try NormalizedSlice(start: nil, stop: nil, step: .min, length: 4) }
  }
}
