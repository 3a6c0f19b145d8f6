import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@Suite struct ImageFunctionTests {
  /// A small network with every kind of image function, and its gradients.
  private func network(_ graph: GraphBuilder, _ layout: ImageLayout, _ x: Value, _ w: [Value]) -> Value {
    var h = conv2d(x, w[0], bias: w[1], padding: 1, layout: layout)
    h = maxPool2d(relu(h), kernel: 2, layout: layout)
    h = conv2d(h, w[2], stride: 2, padding: 1, groups: 2, layout: layout)
    h = convTranspose2d(h, w[3], stride: 2, padding: 1, layout: layout)
    h = avgPool2d(h, kernel: 2, stride: 1, layout: layout) + mean(h)
    return sum(square(globalAvgPool2d(h, layout: layout)))
  }

  private func gradients(_ layout: ImageLayout, on executor: GraphExecutor) throws -> [[Float]] {
    var numbers = Numbers(seed: 8)
    func tensor(_ shape: Shape) throws -> Tensor {
      let values = (0..<shape.elementCount).map { _ in Float(numbers.next() - 0.5) }
      return try Tensor(values, shape: shape)
    }
    let graph = GraphBuilder()
    let image = try tensor([3, 4, 12, 10])
    let weights = try [[20, 4, 3, 3], [20], [8, 10, 3, 3], [8, 6, 3, 3]].map { try tensor(Shape($0)) }
    let x = graph.input("x", image.shape)
    let w = weights.enumerated().map { graph.input("w\($0)", $1.shape) }
    let entered = layout == .channelsFirst ? x : transpose(x, permutation: [0, 2, 3, 1])
    let loss = network(graph, layout, entered, w)
    let gradients = graph.gradients(of: loss, withRespectTo: [x] + w)
    let executable = try graph.compile(
      fetching: [loss] + ([x] + w).map { gradients[$0] },
      options: CompileOptions(granularity: .finest))
    var feeds: [Value: Tensor] = [x: image]
    for (value, tensor) in zip(w, weights) { feeds[value] = tensor }
    let results = try executable.run(on: executor, feeding: feeds)
    return try ([loss] + ([x] + w).map { gradients[$0] }).map { try results[$0].elements(Float.self) }
  }

  @Test func bitsDependOnNeitherThreadsNorLayout() throws {
    var found: [[[Float]]] = []
    for threads in [1, 2, 3, 8] {
      let executor = try GraphExecutor(workers: threads)
      defer { executor.shutdown() }
      for layout in ImageLayout.allCases { found.append(try gradients(layout, on: executor)) }
    }
    // Means over axes in another order round otherwise, so each layout is compared with itself.
    for (index, gradient) in found.enumerated() { #expect(gradient == found[index % 2]) }
    for (first, last) in zip(found[0], found[1]) {
      let scale = first.map(abs).max() ?? 0
      #expect(zip(first, last).allSatisfy { abs($0 - $1) <= 1e-5 * scale })
    }
  }

  @Test func networksChannelsLastAreTransposedAtTheirEndsOnly() throws {
    let graph = GraphBuilder()
    let x = graph.input("x", [2, 8, 8, 3])
    let weights = graph.input("w", [4, 3, 3, 3])
    let y = maxPool2d(
      relu(conv2d(x, weights, layout: .channelsLast)), kernel: 2, layout: .channelsLast)
    let text = try graph.compile(fetching: [y]).graph.description
    // One, for the weights.
    #expect(text.split(separator: "\n").filter { $0.contains("= transpose") }.count == 1)
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: [String]
    let make: @Sendable (GraphBuilder) -> Value
  }

  static let mistakes: [Mistake] = [
    Mistake(testDescription: "three axes", words: ["conv2d", "[N, C, H, W]", "3"]) {
      conv2d($0.input("x", [3, 5, 5]), $0.input("w", [2, 3, 3, 3]))
    },
    Mistake(testDescription: "three axes, channels last", words: ["conv2d", "[N, H, W, C]"]) {
      conv2d($0.input("x", [3, 5, 5]), $0.input("w", [2, 3, 3, 3]), layout: .channelsLast)
    },
    Mistake(testDescription: "four axes", words: ["conv1d", "[N, C, W]", "4"]) {
      conv1d($0.input("x", [1, 3, 5, 5]), $0.input("w", [2, 3, 3]))
    },
    Mistake(testDescription: "a matrix of weights", words: ["conv2d", "weights", "[O, C, H, W]"]) {
      conv2d($0.input("x", [1, 3, 5, 5]), $0.input("w", [2, 3]))
    },
    Mistake(testDescription: "channels", words: ["conv2d", "3 channels", "4", "x f32[1, 3, 5, 5]"]) {
      conv2d($0.input("x", [1, 3, 5, 5]), $0.input("w", [2, 4, 3, 3]))
    },
    Mistake(testDescription: "types", words: ["conv2d", "f64", "cast"]) {
      conv2d($0.input("x", [1, 3, 5, 5]), $0.input("w", [2, 3, 3, 3], dtype: .float64))
    },
    Mistake(testDescription: "a bias", words: ["conv2d", "bias", "2 channels"]) {
      conv2d($0.input("x", [1, 3, 5, 5]), $0.input("w", [2, 3, 3, 3]), bias: $0.input("b", [3]))
    },
    Mistake(testDescription: "output padding", words: ["conv_transpose2d", "output padding of 2", "stride"]) {
      convTranspose2d(
        $0.input("x", [1, 3, 5, 5]), $0.input("w", [3, 2, 3, 3]), stride: 2, outputPadding: 2)
    },
    Mistake(testDescription: "all of the output left out", words: ["conv_transpose2d", "negative length -2"])
    {
      convTranspose2d($0.input("x", [1, 3, 2, 2]), $0.input("w", [3, 2, 1, 1]), padding: 2)
    },
    Mistake(testDescription: "a huge stride", words: ["conv_transpose2d"]) {
      convTranspose2d($0.input("x", [1, 3, 2, 2]), $0.input("w", [3, 2, 1, 1]), stride: Size2D(.max, 1))
    },
    Mistake(testDescription: "a window", words: ["max_pool2d", "height 6", "height 5"]) {
      maxPool2d($0.input("x", [1, 3, 5, 5]), kernel: 6)
    },
    Mistake(testDescription: "integers", words: ["max_pool2d", "i32", "cast"]) {
      maxPool2d($0.input("x", [1, 3, 5, 5], dtype: .int32), kernel: 2)
    },
    Mistake(testDescription: "padding", words: ["avg_pool2d", "without an element"]) {
      avgPool2d($0.input("x", [1, 3, 5, 5]), kernel: 2, padding: 2)
    },
    Mistake(testDescription: "bins", words: ["adaptive_avg_pool2d", "-1×-1"]) {
      adaptiveAvgPool2d($0.input("x", [1, 3, 5, 5]), outputSize: -1)
    },
    Mistake(testDescription: "a matrix", words: ["global_avg_pool2d", "4 axes"]) {
      globalAvgPool2d($0.input("x", [1, 3]))
    },
  ]

  @Test(arguments: mistakes) func aMistakeIsRecorded(_ mistake: Mistake) {
    let graph = GraphBuilder()
    #expect(mistake.make(graph).isPoisoned)
    #expect(graph.issues.count == 1)
    let text = graph.issues.first?.description ?? ""
    for word in mistake.words { #expect(text.contains(word), "\(text) lacks \(word)") }
  }

  @Test func operandsOfTwoGraphsAreRefused() {
    let graph = GraphBuilder()
    let other = GraphBuilder()
    let y = conv2d(graph.input("x", [1, 3, 5, 5]), other.input("w", [2, 3, 3, 3]))
    #expect(y.isPoisoned && graph.issues.count == 1)
  }
}
