internal import TributaryOps

/// Values clipped together, and how large they were.
public struct ClippedValues: Sendable {
  /// The clipped values, in the order given, each of its value's type.
  public let values: [Value]

  /// The Euclidean norm of all elements of all values before clipping, a scalar.
  public let norm: Value
}

extension GraphBuilder {
  /// Scales values so that the Euclidean norm of all their elements together is at most about `maximum`:
  /// v · min(1, maximum / (‖all‖ + 10⁻⁶)) (R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent
  /// neural networks", 2013; PyTorch's `clip_grad_norm_`).
  ///
  /// Nothing is scaled before every value is known. Where the norm is NaN so is every element, and where it is infinite
  /// elements become 0, or NaN where they were infinite. Reads every value twice and writes it once.
  /// - Parameters:
  ///   - values: f32 or f64; squares are added up in their order, in f64 if one of them is f64.
  ///   - maximum: Above 0. Another bound is an error of `compile`.
  public func clipByGlobalNorm(
    _ values: [Value], maximum: Double, file: StaticString = #fileID, line: UInt = #line
  ) -> ClippedValues {
    let site = SourceSite(file, line)
    guard acceptsClipping(values, "clipByGlobalNorm", maximum, site) else {
      return ClippedValues(values: values.map { _ in poisoned() }, norm: poisoned())
    }
    let dtype = values.contains { $0.dtype == .float64 } ? DType.float64 : .float32
    let squares = values.map { cast(reduce(.sum, unary(.square, $0, site), nil, false, site), to: dtype) }
    guard let first = squares.first else {
      return ClippedValues(values: [], norm: constant(0, dtype: dtype, site: site))
    }
    let norm = unary(.sqrt, squares.dropFirst().reduce(first) { binary(.add, $0, $1, site) }, site)
    let scale = binary(.minimum, binary(.div, maximum, binary(.add, norm, 1e-6, site), site), 1, site)
    return ClippedValues(values: values.map { binary(.mul, $0, cast(scale, to: $0.dtype), site) }, norm: norm)
  }

  /// Values with every element moved into −`bound` … `bound`, NaN apart (PyTorch's `clip_grad_value_`).
  /// - Parameters:
  ///   - values: f32 or f64.
  ///   - bound: Above 0. Another bound is an error of `compile`.
  public func clipByValue(
    _ values: [Value], bound: Double, file: StaticString = #fileID, line: UInt = #line
  ) -> [Value] {
    let site = SourceSite(file, line)
    guard acceptsClipping(values, "clipByValue", bound, site) else { return values.map { _ in poisoned() } }
    return values.map { binary(.maximum, binary(.minimum, $0, bound, site), -bound, site) }
  }

  private func acceptsClipping(
    _ values: [Value], _ subject: String, _ bound: Double, _ site: SourceSite
  ) -> Bool {
    guard accepts(values, subject, site: site) else { return false }
    guard bound > 0 else {
      fail(.shape, subject, "the bound is \(bound); give a number above 0", operands: values, site: site)
      return false
    }
    guard let bad = values.first(where: { !$0.dtype.isFloatingPoint }) else { return true }
    fail(
      .dtype, subject, "'\(bad.name)' is \(bad.type); f32 and f64 are clipped, so cast it", operands: [bad],
      site: site)
    return false
  }
}
