public import TributaryOps

// Random numbers in a graph. Every number is a function of a seed, a stream, a step and the element's place alone
// (Salmon and others, "Parallel random numbers: as easy as 1, 2, 3", 2011), so that neither threads nor cuts change a
// bit. The stream tells the random operators of one seed apart: where none is given, they are numbered as they are made,
// so that the same building code gives the same numbers. The step is an i64 scalar: an input, a state, or, where none is
// given, the builder's ``GraphBuilder/randomStep``, which counts the steps of a training and, in a loop body, those of the loop.

/// x with a random part of its elements set to 0 and the others scaled by 1/(1 − rate) (Srivastava and others 2014).
///
/// The derivative applies the same mask, drawn again, to the cotangent; nothing is kept for it.
/// - Parameters:
///   - x: f32 or f64, any shape.
///   - rate: The share set to 0, in 0 … 1; with 0 the result is x.
///   - isTraining: False for inference: the result is x.
///   - seed: What the mask is drawn from.
///   - stream: Equal streams, seeds and steps give equal masks; nil for one of its own.
///   - step: An i64 scalar; nil for the builder's.
public func dropout(
  _ x: Value, rate: Double, isTraining: Bool = true, seed: UInt64 = 0, stream: UInt64? = nil,
  step: Value? = nil, file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let builder = x.builder
  let isIdentity = rate == 0 || !isTraining && rate > 0 && rate <= 1
  if isIdentity, !x.isAfterStep { return x }
  let applied = RandomDrop(rate: rate, seed: seed, stream: stream ?? builder.nextRandomStream())
  return builder.emit(applied, [x, step ?? builder.randomStep], SourceSite(file, line))
}

extension GraphBuilder {
  /// Random numbers spread evenly over low ..< high.
  ///
  /// - Parameters:
  ///   - shape: The shape of the result.
  ///   - low: The lower bound.
  ///   - high: The upper bound, which is never reached unless it is the lower one.
  ///   - dtype: f32 or f64; the f32 numbers are the f64 ones rounded.
  ///   - seed: What the numbers are drawn from.
  ///   - stream: Equal streams, seeds and steps give equal numbers; nil for one of its own.
  ///   - step: An i64 scalar; nil for ``randomStep``.
  public func randomUniform(
    _ shape: Shape, low: Double = 0, high: Double = 1, dtype: DType = .float32, seed: UInt64 = 0,
    stream: UInt64? = nil, step: Value? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    random(
      TensorType(dtype, shape), .uniform(low: low, high: high), seed, stream, step, SourceSite(file, line))
  }

  /// Random numbers that are normal with a mean and a standard deviation (Box and Muller 1958).
  ///
  /// - Parameters:
  ///   - shape: The shape of the result.
  ///   - mean: The mean.
  ///   - deviation: The standard deviation, not negative.
  ///   - dtype: f32 or f64; the f32 numbers are the f64 ones rounded.
  ///   - seed: What the numbers are drawn from.
  ///   - stream: Equal streams, seeds and steps give equal numbers; nil for one of its own.
  ///   - step: An i64 scalar; nil for ``randomStep``.
  public func randomNormal(
    _ shape: Shape, mean: Double = 0, deviation: Double = 1, dtype: DType = .float32, seed: UInt64 = 0,
    stream: UInt64? = nil, step: Value? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    random(
      TensorType(dtype, shape), .normal(mean: mean, deviation: deviation), seed, stream, step,
      SourceSite(file, line))
  }

  private func random(
    _ type: TensorType, _ distribution: RandomDistribution, _ seed: UInt64, _ stream: UInt64?, _ step: Value?,
    _ site: SourceSite
  ) -> Value {
    let applied = RandomFill(
      type: type, distribution: distribution, seed: seed, stream: stream ?? nextRandomStream())
    return emit(applied, [step ?? randomStep], site)
  }
}

extension RandomDrop: DifferentiableOperator {
  /// The same mask and scale, drawn again, applied to the cotangent.
  public func vjp(_ context: VJPContext) -> [Value?] {
    [context.apply(self, context.dy, context.inputs[1]), nil]
  }
}

extension RandomDrop {
  /// The same mask and scale, applied to the tangent.
  public func jvp(_ context: JVPContext) -> [Value?] { context.linear(self) }
}
