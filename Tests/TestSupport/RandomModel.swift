public import TributaryAutodiff
public import TributaryOps

/// A random graph of smooth operators in float64 whose weights are shared by several of them, with a scalar loss, its
/// gradients, and a step of gradient descent. The same seed makes the same graph.
public struct RandomModel {
  /// The builder.
  public let builder: GraphBuilder
  /// The loss, a scalar.
  public let loss: Value
  /// The weights, each used once or more.
  public let weights: [Value]
  /// The gradients of the loss by the weights.
  public let gradients: [Value]
  /// Some of the values on the way, to be fetched beside the loss.
  public let observed: [Value]
  /// One tensor for every input.
  public let feeds: [Value: Tensor]
  /// The step.
  public let update: Update

  /// Draws a graph with about `size` operators before the loss.
  ///
  /// - Parameter isRecomputed: Puts them into regions drawn at random, one in another, to be computed again in the backward
  ///   pass; the graph is else the same.
  public init(seed: UInt64, size: Int = 12, isRecomputed: Bool = false) throws {
    var random = SplitMix64(seed: seed)
    let g = GraphBuilder()
    let lengths = [1, 2, 3, 4, 6]
    func length() -> Int { lengths.randomElement(using: &random) ?? 1 }
    var feeds: [Value: Tensor] = [:]
    var pool: [Value] = []
    var weights: [Value] = []
    for index in 0..<Int.random(in: 1...2, using: &random) {
      let x = g.input("x\(index)", [length(), length()], dtype: .float64)
      feeds[x] = try Tensor(initial: .normal(0.7), type: x.type, seed: seed, stream: UInt64(index))
      pool.append(x)
    }
    func weight(_ rows: Int, _ columns: Int) -> Value {
      let fitting = weights.filter { $0.shape == Shape([rows, columns]) }
      if let shared = fitting.randomElement(using: &random), Int.random(in: 0..<4, using: &random) > 0 {
        return shared
      }
      let made = g.parameter(
        "w\(weights.count)", [rows, columns], dtype: .float64, initial: .normal(0.6))
      weights.append(made)
      return made
    }
    func addOperator() {
      let x = pool.randomElement(using: &random) ?? pool[0]
      let (rows, columns) = (x.shape[0], x.shape[1])
      let sameShape = pool.filter { $0.shape == x.shape }.randomElement(using: &random) ?? x
      let y: Value =
        switch Int.random(in: 0..<16, using: &random) {
        case 0, 1, 2: matmul(x, weight(columns, length()))
        case 3: matmul(weight(length(), rows), x)
        case 4: tanh(x)
        case 5: sigmoid(x) * 1.5
        case 6: x + sameShape
        case 7: x * tanh(sameShape)
        case 8: x - weight(rows, columns)
        case 9: transpose(x)
        case 10: x * sum(tanh(x), axes: [1], keepDimensions: true)
        case 11: x + mean(sameShape, axes: [0], keepDimensions: true)
        case 12: reshape(x, [columns, rows])
        case 13: concat([x, sameShape], axis: Int.random(in: 0...1, using: &random))
        case 14: rows > 1 ? slice(x, starts: [1, 0], stops: [rows, columns]) : -x
        default: softplus(x) / (square(sameShape) + 1)
        }
      // Keeps numbers, and so differences, in a range where they mean something, and shapes small.
      pool.append(
        y.shape.elementCount > 64 ? sum(tanh(y), axes: [0], keepDimensions: true) : tanh(y) + y * 0.1)
    }
    var regions = SplitMix64(seed: seed &+ 1)
    func addOperators(_ count: Int) {
      guard count > 1 else { return addOperator() }
      let first = Int.random(in: 1..<count, using: &regions)
      for part in [first, count - first] {
        if isRecomputed, Bool.random(using: &regions) {
          g.recompute { addOperators(part) }
        } else {
          addOperators(part)
        }
      }
    }
    addOperators(size)
    var loss = mean(square(pool[pool.count - 1]))
    for x in feeds.keys.sorted(by: { $0.name < $1.name }) { loss = loss + mean(square(x)) * 0.1 }
    for x in pool.dropLast().shuffled(using: &random).prefix(2) { loss = loss + mean(square(x)) * 0.5 }
    if weights.isEmpty { loss = loss + mean(square(weight(2, 2))) }
    for unused in weights { loss = loss + mean(square(unused)) * 0.01 }
    let gradients = g.gradients(of: loss, withRespectTo: weights)
    let rate = g.constant(0.05, dtype: .float64)
    var update = Update()
    for w in weights where Int.random(in: 0..<8, using: &random) > 0 {
      update.assign(
        w,
        Bool.random(using: &random)
          ? g.apply(SGDUpdate(), to: w, gradients[w], rate) : w - gradients[w] * rate)
    }
    builder = g
    self.loss = loss
    self.weights = weights
    self.gradients = weights.map { gradients[$0] }
    observed = pool.shuffled(using: &random).prefix(2).filter { feeds[$0] == nil }
    self.feeds = feeds
    self.update = update
  }

  /// What the step fetches: the loss, values on the way, gradients, and weights before and after.
  public var fetches: [Value] { [loss] + observed + gradients + weights + weights.map(\.afterStep) }
}
