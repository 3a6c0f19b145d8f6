import Testing
import TributaryOps

/// Images, kernels and windows that do not fit are errors that say what, and how to mend it.
@Suite struct ImageOperandErrorTests {
  static let x = TensorType(.float32, [2, 8, 6, 4])
  static let w = TensorType(.float32, [3, 3, 4, 5])
  static let y = TensorType(.float32, [2, 6, 4, 5])

  private static func f(_ shape: Shape) -> TensorType { TensorType(.float32, shape) }

  private static func mistake(
    _ op: any Operator, _ inputs: [TensorType], _ code: ShapeError.Code, _ mentions: String...
  ) -> OperandErrorTests.Mistake {
    OperandErrorTests.Mistake(op: op, inputs: inputs, code: code, mentions: mentions + [op.name])
  }

  private static func convolution(
    stride: Size2D = 1, padding: Size2D = 0, dilation: Size2D = 1, groups: Int = 1
  ) -> Convolution {
    Convolution(ConvolutionGeometry(stride: stride, padding: padding, dilation: dilation, groups: groups))
  }

  static let convolutions: [OperandErrorTests.Mistake] = [
    mistake(Convolution(), [x], .arity, "2 inputs", "3 with a bias"),
    mistake(Convolution(), [x, w, f([5]), f([5])], .arity, "4"),
    mistake(Convolution(), [f([8, 6, 4]), w], .rank, "[N, H, W, C]", "f32[8, 6, 4]"),
    mistake(Convolution(), [x, f([3, 4, 5])], .rank, "[kh, kw, C / groups, O]"),
    mistake(Convolution(), [TensorType(.int32, x.shape), w], .dtype, "i32"),
    mistake(Convolution(), [x, TensorType(.float64, w.shape)], .dtype, "f64", "cast"),
    mistake(Convolution(), [x, w, TensorType(.float64, [5])], .dtype, "f64"),
    mistake(Convolution(), [x, f([3, 3, 3, 5])], .dimension, "4 channels", "3"),
    mistake(Convolution(), [x, w, f([4])], .dimension, "bias", "5 channels"),
    mistake(Convolution(), [x, f([9, 3, 4, 5])], .dimension, "height 9", "height 8"),
    mistake(Convolution(), [x, f([3, 7, 4, 5])], .dimension, "width 7", "width 6"),
    mistake(Convolution(), [x, f([0, 3, 4, 5])], .attribute, "kernel", "0"),
    mistake(Convolution(), [f([2, 0, 6, 4]), w], .dimension, "height 0"),
    mistake(convolution(stride: 0), [x, w], .attribute, "stride", "0"),
    mistake(convolution(stride: Size2D(1, -2)), [x, w], .attribute, "stride", "-2"),
    mistake(convolution(padding: Size2D(-1, 0)), [x, w], .attribute, "padding", "-1"),
    mistake(convolution(padding: Size2D(0, .max)), [x, w], .attribute, "padding"),
    mistake(convolution(dilation: 0), [x, w], .attribute, "dilation", "0"),
    mistake(convolution(dilation: Size2D(.max, 1)), [x, w], .attribute, "dilation"),
    mistake(convolution(dilation: 4), [x, w], .dimension, "9"),
    mistake(convolution(groups: 0), [x, w], .attribute, "0 groups"),
    mistake(convolution(groups: -1), [x, w], .attribute, "-1 groups"),
    mistake(convolution(groups: 2), [x, f([3, 3, 2, 5])], .dimension, "5 channels", "2 groups"),
    mistake(convolution(groups: 5), [x, w], .dimension, "4 channels", "5 groups"),
    mistake(convolution(groups: .max), [x, f([3, 3, 4, 0])], .dimension, "channels"),
    mistake(ConvolutionInputGradient(imageSize: Size2D(8, 6)), [y], .arity),
    mistake(ConvolutionInputGradient(imageSize: Size2D(9, 6)), [y, w], .dimension, "9×6", "7×4", "6×4"),
    mistake(ConvolutionInputGradient(imageSize: Size2D(2, 6)), [y, w], .dimension, "height"),
    mistake(ConvolutionInputGradient(imageSize: Size2D(-8, 6)), [y, w], .dimension, "height -8"),
    mistake(
      ConvolutionInputGradient(imageSize: Size2D(8, 6)), [f([2, 6, 4, 3]), w], .dimension, "3 channels"),
    mistake(
      ConvolutionInputGradient(imageSize: Size2D(8, 6)), [y, w, f([5])], .dimension, "bias", "4 channels"),
    mistake(
      ConvolutionInputGradient(ConvolutionGeometry(groups: .max), imageSize: Size2D(8, 6)),
      [f([2, 6, 4, 0]), f([3, 3, 4, 0])], .overflow, "groups"),
    mistake(ConvolutionWeightGradient(kernelSize: 3), [x], .arity, "2 inputs"),
    mistake(ConvolutionWeightGradient(kernelSize: 3), [x, f([2, 6, 4])], .rank),
    mistake(ConvolutionWeightGradient(kernelSize: 2), [x, y], .dimension, "7×5"),
    mistake(ConvolutionWeightGradient(kernelSize: 3), [x, f([3, 6, 4, 5])], .dimension, "3 of"),
    mistake(ConvolutionWeightGradient(kernelSize: 3), [x, TensorType(.float64, y.shape)], .dtype),
    mistake(
      ConvolutionWeightGradient(ConvolutionGeometry(groups: 2), kernelSize: 3), [x, y], .dimension,
      "2 groups"),
  ]

  static let pools: [OperandErrorTests.Mistake] = [
    mistake(MaxPool(PoolingWindow(2)), [], .arity),
    mistake(MaxPool(PoolingWindow(2)), [f([8, 6, 4])], .rank),
    mistake(MaxPool(PoolingWindow(2)), [TensorType(.int64, x.shape)], .dtype, "i64"),
    mistake(MaxPool(PoolingWindow(0)), [x], .attribute, "kernel", "0"),
    mistake(MaxPool(PoolingWindow(2, stride: 0)), [x], .attribute, "stride"),
    mistake(MaxPool(PoolingWindow(2, padding: 2)), [x], .attribute, "without an element"),
    mistake(MaxPool(PoolingWindow(9)), [x], .dimension, "height 9"),
    mistake(MaxPool(PoolingWindow(2, dilation: 8)), [x], .dimension, "height 9"),
    mistake(
      MaxPool(PoolingWindow(65536, stride: 1, padding: 65530)), [x], .overflow, "65536×65536"),
    mistake(MaxPoolPick(PoolingWindow(2)), [x, y], .dimension, "image's type"),
    mistake(MaxPoolGradient(PoolingWindow(2)), [x, x], .dimension, "cotangent", "[2, 4, 3, 4]"),
    mistake(MeanPool(.bins(0)), [x], .attribute, "0×0"),
    mistake(MeanPool(.bins(2)), [f([2, 0, 6, 4])], .dimension, "no elements"),
    mistake(MeanPool(.bins(2)), [f([2, 6, 4])], .rank),
    mistake(
      MeanPool(.kernel(2, stride: 1, padding: 2, countsPadding: true)), [x], .attribute,
      "without an element"),
    mistake(
      MeanPool(.kernel(2, stride: 1, padding: 1, countsPadding: false)), [f([2, 0, 6, 4])], .attribute,
      "without an element"),
    mistake(MeanPool(.kernel(9, stride: 1, padding: 0, countsPadding: true)), [x], .dimension, "height 9"),
    mistake(MeanPoolGradient(.bins(2), imageSize: 8), [y], .dimension, "2×2", "6×4"),
    mistake(
      MeanPoolGradient(.bins(Size2D(6, 4)), imageSize: Size2D(2_000_000_000, 2_000_000_000)), [y],
      .overflow, "addressed"),
  ]

  @Test(arguments: convolutions + pools)
  func aMistakeIsNamed(_ mistake: OperandErrorTests.Mistake) {
    let error = #expect(throws: ShapeError.self) { try mistake.op.outputTypes(for: mistake.inputs) }
    #expect(error?.code == mistake.code)
    for word in mistake.mentions where mistake.code != .overflow || word != mistake.op.name {
      #expect(error?.message.contains(word) == true, "\(error?.message ?? "") lacks \(word)")
    }
  }
}
