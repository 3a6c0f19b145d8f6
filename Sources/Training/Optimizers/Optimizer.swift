public import TributaryAutodiff
public import TributaryOps

/// A rule that turns gradients into new parameters.
///
/// An optimiser adds its operators to the graph: the gradients, the rate of the step, clipping, and one update a
/// parameter. Moments and the count of steps are states beside the parameters, so that a step needs nothing but the
/// graph and a store, and a checkpoint of the store holds all of it.
public protocol Optimizer: Sendable {
  /// The name in commands and checkpoints.
  var name: String { get }

  /// The rate of each step.
  var learningRate: LearningRateSchedule { get }

  /// The largest norm of all gradients together; larger ones are scaled down to it. Nil for no bound.
  var clipNorm: Double? { get }

  /// The largest magnitude of an element of a gradient; larger ones are cut off, before the norm is taken. Nil for no
  /// bound.
  var clipValue: Double? { get }

  /// Whether ``update(_:_:)`` reads the count of steps.
  var countsSteps: Bool { get }

  /// The new value of one parameter, and of the moments that go with it.
  func update(_ step: ParameterStep, _ update: inout Update)
}

extension Optimizer {
  /// No bound.
  public var clipNorm: Double? { nil }

  /// No bound.
  public var clipValue: Double? { nil }

  /// Not counted, unless the rate changes.
  public var countsSteps: Bool { false }
}

/// What an optimiser knows of one parameter at one step.
public struct ParameterStep: Sendable {
  /// The parameter before the step.
  public let parameter: Value

  /// Its gradient, clipped; of the parameter's type.
  public let gradient: Value

  /// The rate, a scalar of the parameter's element type.
  public let rate: Value

  /// The number of this step, from 1 on, int64; nil unless the optimiser counts steps.
  public let number: Value?

  /// A state of the parameter's type that goes with it, zero at first.
  public func moment(_ name: String) -> Value {
    parameter.builder.state("\(parameter.name)/\(name)", parameter.type, initial: .constant(0))
  }
}

extension Optimizer {
  /// Adds a training step to a loss's graph.
  ///
  /// Where ``clipNorm`` is given no parameter is updated before every gradient is known; see
  /// `GraphBuilder.clipByGlobalNorm(_:maximum:)`.
  /// - Parameters:
  ///   - loss: A scalar.
  ///   - parameters: What to train; nil for every parameter that the loss depends on.
  /// - Returns: The update to compile with; mistakes are recorded in the graph's builder.
  public func minimizing(_ loss: Value, parameters: [Value]? = nil) -> Update {
    let builder = loss.builder
    let parameters = parameters ?? builder.parameters(reaching: [loss])
    let gradients = builder.gradients(of: loss, withRespectTo: parameters)
    return builder.scope("optimizer") {
      var update = Update()
      let scaled = clipped(parameters.map { gradients[$0] }, in: builder)
      let count = StepCount(self, in: builder, &update)
      var rates: [DType: Value] = [:]
      for (parameter, gradient) in zip(parameters, scaled) {
        let rate = rates[parameter.dtype] ?? count.rate(learningRate, dtype: parameter.dtype)
        rates[parameter.dtype] = rate
        self.update(
          ParameterStep(parameter: parameter, gradient: gradient, rate: rate, number: count.next), &update)
      }
      return update
    }
  }

  private func clipped(_ gradients: [Value], in builder: GraphBuilder) -> [Value] {
    var result = gradients
    if let clipValue { result = builder.clipByValue(result, bound: clipValue) }
    if let clipNorm { result = builder.clipByGlobalNorm(result, maximum: clipNorm).values }
    return result
  }
}

/// The count of steps done, as a state of the graph; there only when something reads it.
private struct StepCount {
  let builder: GraphBuilder
  /// Steps done before this one, and after it.
  let done: Value?
  let next: Value?

  init(_ optimizer: some Optimizer, in builder: GraphBuilder, _ update: inout Update) {
    self.builder = builder
    if case .constant = optimizer.learningRate, !optimizer.countsSteps {
      done = nil
      next = nil
      return
    }
    let done = builder.state("step", TensorType(.int64, .scalar), initial: .constant(0))
    let next = done + 1
    update.assign(done, next)
    self.done = done
    self.next = next
  }

  func rate(_ schedule: LearningRateSchedule, dtype: DType) -> Value {
    if case .constant(let rate) = schedule { return builder.constant(rate, dtype: dtype) }
    guard let done else { return builder.constant(0, dtype: dtype) }
    return builder.apply(ScheduledRate(schedule, dtype: dtype), to: done)
  }
}

extension LearningRateSchedule: ExpressibleByFloatLiteral {
  /// The same rate at every step.
  public init(floatLiteral rate: Double) { self = .constant(rate) }
}
