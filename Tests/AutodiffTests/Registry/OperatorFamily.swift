import Testing
import TributaryAutodiff
import TributaryOps

/// One use of an operator with operands that fit.
struct OperatorUse: Sendable {
  /// The operands; those of f64 are differentiated by.
  let points: [Tensor]

  /// How many derivatives differences can confirm around the points: 2, or 0 for what is cut off or constant.
  let order: Int

  /// Whether the results may be asked for with any number of operands, to see them refused.
  let takesAnyCount: Bool

  /// Builds the results.
  let build: @Sendable (GraphBuilder, [Value]) -> [Value]

  /// A use of an operator alone.
  init(_ applied: any Operator, _ points: [Tensor], order: Int = 2) {
    self.init(points, order: order, takesAnyCount: true) { g, x in g.apply(applied, to: x) }
  }

  /// A use through functions of a builder.
  init(
    _ points: [Tensor], order: Int = 2, takesAnyCount: Bool = false,
    _ build: @escaping @Sendable (GraphBuilder, [Value]) -> [Value]
  ) {
    self.points = points
    self.order = order
    self.takesAnyCount = takesAnyCount
    self.build = build
  }

  /// The same with f32 in the place of f64.
  func narrowed() throws -> OperatorUse {
    let narrow = try points.map { point in
      point.dtype == .float64
        ? try Tensor(point.elements(Double.self).map { Float($0) }, shape: point.shape) : point
    }
    return OperatorUse(narrow, order: 0, takesAnyCount: takesAnyCount, build)
  }

  /// The operands as inputs of a builder, and what to feed them.
  func inputs(of g: GraphBuilder) -> (values: [Value], feeds: [Value: Tensor]) {
    let values = points.enumerated().map { g.input("x\($0)", $1.shape, dtype: $1.dtype) }
    return (values, Dictionary(uniqueKeysWithValues: zip(values, points)))
  }
}

/// An operator as the tests know it: how to use it at random.
///
/// Every operator type of the library has an entry in ``all``. Derivatives, bits at all thread counts, robustness and the
/// fuzzer are fed from there, so that an operator is covered by being registered.
struct OperatorFamily: Sendable, CustomTestStringConvertible {
  /// The name of the type that is the operator: `Softmax`.
  let type: String

  /// Draws a use that fits.
  let sound: @Sendable (inout Draw) throws -> OperatorUse

  /// Draws an operator with any attributes; nil for one that only functions of a builder make.
  let wild: (@Sendable (inout Draw) -> any Operator)?

  init(
    _ type: String, wild: (@Sendable (inout Draw) -> any Operator)? = nil,
    sound: @escaping @Sendable (inout Draw) throws -> OperatorUse
  ) {
    self.type = type
    self.wild = wild
    self.sound = sound
  }

  var testDescription: String { type }

  static let all: [OperatorFamily] =
    elementwise + losses + updates + reductions + rows + normalizations + movements + indexed + creations
    + images + loops + joined
}
