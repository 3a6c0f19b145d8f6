import Testing

@testable import TributaryOps

/// Convolutions against their definition.
@Suite struct ConvolutionTests {
  /// Every triple of places in x, weights and y that meet, by offsets in row-major order.
  private func forEachMeeting(
    _ example: ConvolutionCase, _ small: Shape, _ body: (_ x: Int, _ weight: Int, _ y: Int) -> Void
  ) {
    let geometry = example.geometry
    let (inputs, outputs) = (example.channels / geometry.groups, example.outputs / geometry.groups)
    for n in 0..<example.images {
      for h in 0..<small[1] {
        for w in 0..<small[2] {
          for i in 0..<example.kernel.height {
            for j in 0..<example.kernel.width {
              let row = h * geometry.stride.height - geometry.padding.height + i * geometry.dilation.height
              let column = w * geometry.stride.width - geometry.padding.width + j * geometry.dilation.width
              guard 0..<example.size.height ~= row, 0..<example.size.width ~= column else { continue }
              let x = ((n * example.size.height + row) * example.size.width + column) * example.channels
              let weight = (i * example.kernel.width + j) * inputs * example.outputs
              let y = ((n * small[1] + h) * small[2] + w) * example.outputs
              for o in 0..<example.outputs {
                for c in 0..<inputs {
                  body(x + o / outputs * inputs + c, weight + c * example.outputs + o, y + o)
                }
              }
            }
          }
        }
      }
    }
  }

  /// What the three operators compute, as one sum over meetings each.
  private func compare(_ example: ConvolutionCase, _ dtype: DType) throws {
    var random = TestRandom(11)
    let cases = example.operators(dtype, &random)
    try #require(cases.count == 5)
    let (x, weights, bias) = (
      cases[1].inputs[0].doubles, cases[1].inputs[1].doubles, cases[1].inputs[2].doubles
    )
    let (y, inputBias) = (cases[3].inputs[0].doubles, cases[3].inputs[2].doubles)
    let small = cases[2].inputs[0].shape
    var forward = (0..<y.count).map { bias[$0 % example.outputs] }
    var backward = (0..<x.count).map { inputBias[$0 % example.channels] }
    var gradient = [Double](repeating: 0, count: weights.count)
    forEachMeeting(example, small) {
      forward[$2] += x[$0] * weights[$1]
      backward[$0] += y[$2] * weights[$1]
      gradient[$1] += x[$0] * y[$2]
    }
    let plain = zip(forward.indices, forward).map { $1 - bias[$0 % example.outputs] }
    let plainBackward = zip(backward.indices, backward).map { $1 - inputBias[$0 % example.channels] }
    let wants = [plain, forward, plainBackward, backward, gradient]
    let bound = dtype == .float32 ? 4e-6 : 1e-14
    for level in VectorLevel.available {
      try VectorLevel.$override.withValue(level) {
        for (item, want) in zip(cases, wants) {
          let got = try item.op.evaluate(on: item.inputs)[0].doubles
          let floor = want.map(abs).max() ?? 0
          let difference = Reference.difference(got, want, bound: bound, floor: Swift.max(floor, 1))
          #expect(difference == nil, "\(level) \(item.op.name) \(example): \(difference ?? "")")
        }
      }
    }
  }

  @Test(arguments: [DType.float32, .float64])
  func everyGeometryIsComputedByDefinition(_ dtype: DType) throws {
    for example in ConvolutionCase.all { try compare(example, dtype) }
  }

  @Test func randomGeometriesToo() throws {
    var random = TestRandom(5)
    var compared = 0
    for _ in 0..<60 {
      func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
      let groups = draw(1...3)
      let example = ConvolutionCase(
        images: draw(1...2), size: Size2D(draw(1...12), draw(1...12)), channels: groups * draw(1...9),
        outputs: groups * draw(1...9), kernel: Size2D(draw(1...4), draw(1...4)),
        geometry: ConvolutionGeometry(
          stride: Size2D(draw(1...4), draw(1...4)), padding: Size2D(draw(0...3), draw(0...3)),
          dilation: Size2D(draw(1...3), draw(1...3)), groups: groups))
      var probe = random
      guard !example.operators(.float32, &probe).isEmpty else { continue }
      compared += 1
      try compare(example, draw(0...1) == 0 ? .float32 : .float64)
    }
    #expect(compared > 30)
  }

  @Test func emptyLengthsGiveBiasesAndZeros() throws {
    let geometry = ConvolutionGeometry(padding: 1)
    let bias = try Tensor([Float(1), 2], shape: [2])
    func zeros(_ shape: Shape) throws -> Tensor {
      try Tensor([Float](repeating: 0, count: shape.elementCount), shape: shape)
    }
    // No channels: nothing is added to the biases.
    let y = try Convolution(geometry).evaluate(on: [zeros([1, 2, 2, 0]), zeros([3, 3, 0, 2]), bias])[0]
    #expect(try y.elements(Float.self) == [1, 2, 1, 2, 1, 2, 1, 2])
    // No images.
    let none = try Convolution(geometry).evaluate(on: [zeros([0, 2, 2, 3]), zeros([3, 3, 3, 2]), bias])[0]
    #expect(none.shape == [0, 2, 2, 2])
    let gradient = try ConvolutionWeightGradient(geometry, kernelSize: 3)
      .evaluate(on: [zeros([0, 2, 2, 3]), zeros([0, 2, 2, 2])])[0]
    #expect(try gradient.elements(Float.self) == [Float](repeating: 0, count: 54))
    // No outputs.
    let image = try ConvolutionInputGradient(geometry, imageSize: 2)
      .evaluate(on: [zeros([1, 2, 2, 0]), zeros([3, 3, 2, 0]), bias])[0]
    #expect(try image.elements(Float.self) == [1, 2, 1, 2, 1, 2, 1, 2])
  }

  @Test func notANumberStaysWhereItIs() throws {
    var values = [Float](repeating: 1, count: 25)
    values[12] = .nan
    let x = try Tensor(values, shape: [1, 5, 5, 1])
    let weights = try Tensor([Float](repeating: 1, count: 9), shape: [3, 3, 1, 1])
    let y = try Convolution().evaluate(on: [x, weights])[0].elements(Float.self)
    #expect(y.map(\.isNaN) == [Bool](repeating: true, count: 9))
    let wide = try Convolution(ConvolutionGeometry(padding: 1)).evaluate(on: [x, weights])[0]
    let inner = try wide.elements(Float.self).map(\.isNaN)
    #expect(inner == (0..<25).map { (1...3).contains($0 / 5) && (1...3).contains($0 % 5) })
  }
}
