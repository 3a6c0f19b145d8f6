import Testing
import TributaryAutodiff
import TributaryOps

@testable import TributaryTraining

@Suite struct ImageLayerTests {
  @Test(arguments: ImageLayout.allCases) func shapesFollowTheLayout(layout: ImageLayout) {
    let builder = GraphBuilder()
    func images(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Shape {
      layout == .channelsFirst ? [n, c, h, w] : [n, h, w, c]
    }
    let x = builder.input("x", images(2, 4, 9, 7))
    let convolved = Conv2d(4, 6, kernel: 3, stride: 2, padding: 1, groups: 2, layout: layout)(x)
    #expect(convolved.shape == images(2, 6, 5, 4))
    let back = ConvTranspose2d(6, 4, kernel: 3, stride: 2, padding: 1, layout: layout)(convolved)
    #expect(back.shape == images(2, 4, 9, 7))
    #expect(MaxPool2d(2, layout: layout)(x).shape == images(2, 4, 4, 3))
    #expect(AvgPool2d(3, stride: 1, padding: 1, layout: layout)(x).shape == images(2, 4, 9, 7))
    let sequence = builder.input("s", layout == .channelsFirst ? [2, 3, 8] : [2, 8, 3])
    let filtered = Conv1d(3, 5, kernel: 3, dilation: 2, bias: false, layout: layout)(sequence)
    #expect(filtered.shape == (layout == .channelsFirst ? [2, 5, 4] : [2, 4, 5]))
    #expect(builder.issues.isEmpty)
    #expect(
      builder.parameters.map(\.type.shape) == [[6, 2, 3, 3], [6], [6, 4, 3, 3], [4], [5, 3, 3]])
  }

  @Test func parametersAreNamedAndShared() {
    let builder = GraphBuilder()
    let layer = Conv2d(3, 3, kernel: 3, padding: 1)
    layer.declareParameters(in: builder)
    #expect(layer(layer(builder.input("x", [1, 3, 5, 5]))).shape == [1, 3, 5, 5])
    #expect(builder.parameters.map(\.name) == ["weight", "bias"])
  }

  @Test func wrongChannelsAndGroupsAreRecorded() {
    for layer in [
      Conv2d(4, 2, kernel: 3), Conv2d(3, 2, kernel: 9), Conv2d(3, 2, kernel: 1, groups: 0),
      Conv2d(3, 2, kernel: 1, groups: 2),
    ] {
      let builder = GraphBuilder()
      #expect(layer(builder.input("x", [1, 3, 5, 5])).isPoisoned)
      #expect(builder.issues.count == 1 && builder.issues[0].description.contains("conv2d"))
    }
  }
}
