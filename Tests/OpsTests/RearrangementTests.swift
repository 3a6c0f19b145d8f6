import Testing
import TributaryOps

/// Values of rotations and reflections, place by place.
@Suite struct RearrangementTests {
  /// The elements that a function from output to input indices names, axis by axis.
  private func gathered(_ x: Tensor, _ shape: Shape, _ source: (_ axis: Int, _ index: Int) -> Int) -> [Double]
  {
    let values = x.doubles
    let strides = x.shape.strides
    return (0..<shape.elementCount).map { place in
      let offset = shape.indices.reduce(0) { sum, axis in
        sum + source(axis, place / shape.strides[axis] % shape[axis]) * strides[axis]
      }
      return values[offset]
    }
  }

  @Test(arguments: [[0, 0, 0], [1, 0, 0], [0, -1, 5], [-7, 13, 1], [Int.min, Int.max, 3]])
  func rolls(_ shifts: [Int]) throws {
    let shape: Shape = [3, 4, 5]
    let x = Tensor((0..<60).map(Double.init), dtype: .int32, shape: shape)
    let got = try Roll(shifts: shifts).evaluate(on: [x])[0]
    let want = gathered(x, shape) { axis, index in
      let moved = (index - shifts[axis] % shape[axis]) % shape[axis]
      return moved < 0 ? moved + shape[axis] : moved
    }
    #expect(got.doubles == want)
  }

  @Test(arguments: [[[0, 0], [0, 0]], [[3, 3], [4, 4]], [[1, 0], [0, 2]]])
  func reflects(_ pads: [[Int]]) throws {
    let shape: Shape = [4, 5]
    let x = Tensor((0..<20).map(Double.init), dtype: .float32, shape: shape)
    let got = try ReflectPad(pads: pads).evaluate(on: [x])[0]
    let padded = Shape(shape.indices.map { shape[$0] + pads[$0][0] + pads[$0][1] })
    let want = gathered(x, padded) { axis, index in
      let place = abs(index - pads[axis][0])
      return place < shape[axis] ? place : 2 * shape[axis] - 2 - place
    }
    #expect(got.shape == padded && got.doubles == want)
  }
}
