internal import Tributary
internal import TributaryOps

/// Training steps of one small model on inputs of ever other shapes, through a cache of executables: what resident memory makes of
/// it.
struct ShapeFlood {
  /// The number of different shapes.
  let shapes: Int
  private let cache: ExecutableCache<Shape>
  private let executor: GraphExecutor

  /// The length of the axes that differ at most; so there are ten thousand shapes and more.
  static let longestAxis = 128

  private static let features = 16

  /// A flood of shapes, with a bound for the executables kept.
  init(shapes: Int, cacheBytes: Int, executor: GraphExecutor) {
    self.shapes = shapes
    self.executor = executor
    cache = ExecutableCache(byteLimit: cacheBytes) { (shape, options) throws(GraphError) in
      let builder = GraphBuilder()
      let x = builder.input("x", shape)
      let weight = builder.parameter("w", [Self.features, 32], initial: .normal(0.25))
      let bias = builder.parameter("b", [32], initial: .constant(0))
      let hidden = tanh(matmul(x, weight) + bias)
      let weights = softmax(hidden, axis: 1)
      let loss = mean(square(hidden * weights))
      return try builder.compile(
        fetching: [loss], updating: SGD(learningRate: 0.01).minimizing(loss), options: options)
    }
  }

  /// Compiles and runs a step for every shape, in an order without system, and tells at some points what is held.
  func run(telling tell: (Row) throws -> Void) throws {
    let clock = ContinuousClock()
    let points = Set([1, shapes / 10, shapes / 4, shapes / 2, shapes * 3 / 4, shapes].map { max($0, 1) })
    let store = ParameterStore(try cache.executable(for: [1, 1, Self.features]), seed: 1)
    var start = clock.now
    var last = 0
    let count = Self.longestAxis * Self.longestAxis
    for number in 1...shapes {
      // An odd factor: every place of the square once.
      let place = number * 7919 % count
      let shape: Shape = [1 + place / Self.longestAxis, 1 + place % Self.longestAxis, Self.features]
      let x = try Tensor(zeros: TensorType(.float32, shape))
      _ = try cache.executable(for: shape).run(on: executor, store, feedingByName: ["x": x])
      guard points.contains(number) else { continue }
      let seconds = (clock.now - start) / .seconds(1)
      let held = try Footprint.now()
      try tell(
        Row([
          "system": "tributary", "shapes": .integer(number), "kept": .integer(cache.count),
          "counted_mb": .number(Double(cache.byteCount) / 1e6, decimals: 1),
          "arenas_mb": .number(Double(cache.arenas.idleBytes) / 1e6, decimals: 1),
          "heap_mb": .number(Double(held.heap) / 1e6, decimals: 1),
          "rss_mb": .number(Double(held.resident) / 1e6, decimals: 1),
          "us_per_shape": .number(seconds / Double(number - last) * 1e6, decimals: 0),
        ]))
      last = number
      start = clock.now
    }
  }
}
