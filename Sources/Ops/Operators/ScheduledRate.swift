#if canImport(Glibc)
  internal import Glibc
#endif

/// How a learning rate depends on the step, counted from 0.
public enum LearningRateSchedule: Hashable, Sendable {
  /// Always the same.
  case constant(Double)
  /// From `peak` along half a cosine to `floor` at step `total`, and there from then on
  /// (Loshchilov and Hutter 2017, without restarts).
  case cosine(peak: Double, floor: Double, total: Int)
  /// `initial`, multiplied by `gamma` every so many steps.
  case step(initial: Double, gamma: Double, every: Int)
  /// Linearly up to `peak` over `warmup` steps, then linearly down to 0 at step `total`.
  case warmupLinear(peak: Double, warmup: Int, total: Int)

  /// The rate at a step.
  public func rate(at step: Int) -> Double {
    switch self {
    case .constant(let rate):
      return rate
    case .cosine(let peak, let floor, let total):
      let progress = total > 0 ? Double(Swift.min(step, total)) / Double(total) : 1
      return floor + (peak - floor) * (1 + cos(.pi * progress)) / 2
    case .step(let initial, let gamma, let every):
      return initial * pow(gamma, Double(step / Swift.max(every, 1)))
    case .warmupLinear(let peak, let warmup, let total):
      if step < warmup { return peak * Double(step + 1) / Double(warmup) }
      return total > warmup ? peak * Double(Swift.max(0, total - step)) / Double(total - warmup) : 0
    }
  }
}

extension LearningRateSchedule: CustomStringConvertible {
  /// `cosine(peak: 0.001, floor: 0.0, total: 100)`.
  public var description: String {
    switch self {
    case .constant(let rate): "constant(\(rate))"
    case .cosine(let peak, let floor, let total): "cosine(peak: \(peak), floor: \(floor), total: \(total))"
    case .step(let initial, let gamma, let every):
      "step(initial: \(initial), gamma: \(gamma), every: \(every))"
    case .warmupLinear(let peak, let warmup, let total):
      "warmupLinear(peak: \(peak), warmup: \(warmup), total: \(total))"
    }
  }
}

/// The learning rate of a step: an i64 scalar, the step counted from 0, to a scalar of a floating-point type.
public struct ScheduledRate: Operator, Hashable {
  /// The schedule.
  public let schedule: LearningRateSchedule

  /// The element type of the output.
  public let dtype: DType

  /// A rate by a schedule.
  public init(_ schedule: LearningRateSchedule, dtype: DType = .float32) {
    self.schedule = schedule
    self.dtype = dtype
  }

  /// `scheduled_rate`.
  public var name: String { "scheduled_rate" }

  /// The schedule and the element type.
  public var attributes: [Attribute] { [Attribute("schedule", schedule), Attribute("dtype", dtype)] }

  /// A scalar.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expect(inputs[0], toBe: TensorType(.int64, .scalar), "the step")
    guard dtype.isFloatingPoint else {
      throw ShapeError(.dtype, "scheduled_rate gives f32 or f64; \(dtype) was asked for")
    }
    return [TensorType(dtype, .scalar)]
  }

  /// A formula.
  public func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 60) }

  /// The formula in double, rounded once.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let schedule = schedule
    if dtype == .float32 {
      return Kernel { arguments in
        let step = Int(arguments.pointer(0, as: Int64.self).pointee)
        arguments.pointer(1, as: Float.self).pointee = Float(schedule.rate(at: step))
        return .success
      }
    }
    return Kernel { arguments in
      let step = Int(arguments.pointer(0, as: Int64.self).pointee)
      arguments.pointer(1, as: Double.self).pointee = schedule.rate(at: step)
      return .success
    }
  }
}
