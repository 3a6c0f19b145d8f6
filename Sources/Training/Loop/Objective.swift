public import TributaryAutodiff
public import TributaryOps

/// What a model is trained for: how a batch of samples becomes a loss, and an output to judge it by.
public struct Objective: Sendable {
  /// The graph of one batch.
  public struct Outcome: Sendable {
    /// The values fed with the batch's columns, in order; axis 0 counts the samples.
    public var inputs: [Value]

    /// A scalar to be minimised.
    public var loss: Value

    /// What the answers are read from; axis 0 counts the samples.
    public var output: Value

    /// A graph from its parts.
    public init(inputs: [Value], loss: Value, output: Value) {
      self.inputs = inputs
      self.loss = loss
      self.output = output
    }
  }

  let build: @Sendable (_ builder: GraphBuilder, _ batchSize: Int) -> Outcome
  let judge: Loss.Judge?

  /// An objective of one's own.
  /// - Parameter build: Declares inputs whose axis 0 has the batch size, in the order of the data set's columns, and
  ///   applies the model. Called once for each size of batch.
  public init(build: @escaping @Sendable (_ builder: GraphBuilder, _ batchSize: Int) -> Outcome) {
    self.build = build
    judge = nil
  }

  private init(build: @escaping @Sendable (GraphBuilder, Int) -> Outcome, judge: Loss.Judge?) {
    self.build = build
    self.judge = judge
  }

  /// A layer's output compared with a target; columns are the input and the target.
  /// - Parameters:
  ///   - model: The layer.
  ///   - input: The shape of one sample.
  ///   - dtype: The input's element type.
  ///   - loss: The comparison.
  public init(_ model: some Layer, input: Shape, dtype: DType = .float32, loss: Loss) {
    self.init(
      build: { builder, batchSize in
        let x = builder.input("input", Shape([batchSize] + input.dimensions), dtype: dtype)
        model.declareParameters(in: builder)
        let output = model(x)
        let type = loss.targetType(output.type)
        let target = builder.input("target", type.shape, dtype: type.dtype)
        return Outcome(
          inputs: [x, target], loss: builder.scope("loss") { loss.value(output, target) }, output: output)
      }, judge: loss.judge)
  }

  /// Pairs told apart by their distance; columns are two inputs and whether they belong together (1 or 0). A pair is
  /// judged to belong together if its distance is less than half the margin.
  /// - Parameters:
  ///   - model: The towers.
  ///   - input: The shape of one sample of a pair.
  ///   - margin: The distance beyond which different pairs cost nothing.
  public init(_ model: Siamese, input: Shape, margin: Double = 1) {
    self.init(
      build: { builder, batchSize in
        let shape = Shape([batchSize] + input.dimensions)
        let left = builder.input("left", shape)
        let right = builder.input("right", shape)
        let isSame = builder.input("same", [batchSize])
        model.declareParameters(in: builder)
        let (a, b) = model.embeddings(left, right)
        let loss = builder.scope("loss") {
          contrastiveLoss(a, b, isSame, margin: margin, epsilon: model.epsilon)
        }
        let distance = builder.scope("distance") { model.distance(a, b) }
        return Outcome(inputs: [left, right, isSame], loss: loss, output: distance)
      },
      judge: { output, _, batch in
        let distances = output.bindMemory(to: Float.self)
        var right = 0
        for row in 0..<batch.count {
          let isJudgedSame = Double(distances[row]) < margin / 2
          if isJudgedSame == (batch.row(row, column: 2, of: Float.self)[0] == 1) { right += 1 }
        }
        return right
      })
  }
}
