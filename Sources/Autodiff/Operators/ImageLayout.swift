internal import TributaryOps

/// The order of the axes of images.
///
/// Operators compute channels last, where vectors run along the channels. Channels first costs a transposition on the
/// way in and one on the way out of each function; a network of many convolutions is best written channels last, with
/// one transposition at its ends.
public enum ImageLayout: String, Sendable, Hashable, CaseIterable {
  /// [N, C, H, W], or [N, C, W] in one dimension.
  case channelsFirst
  /// [N, H, W, C], or [N, W, C] in one dimension.
  case channelsLast

  /// The axis of the channels.
  public func channelAxis(rank: Int) -> Int { self == .channelsFirst ? 1 : rank - 1 }

  /// From this layout to channels last, as a permutation of the axes.
  func permutationToLast(rank: Int) -> [Int] {
    self == .channelsFirst ? [0] + Array(2..<rank) + [1] : Array(0..<rank)
  }

  /// From channels last to this layout.
  func permutationFromLast(rank: Int) -> [Int] {
    self == .channelsFirst ? [0, rank - 1] + Array(1..<rank - 1) : Array(0..<rank)
  }
}

/// The way of an image function's operands into its operator, and of the result back.
struct ImageEdge {
  let subject: String
  let layout: ImageLayout
  let site: SourceSite

  /// The number of axes at the edge: 4, or 3 in one dimension, which becomes a plane of height 1.
  var rank = 4

  /// Applies an operator to images and other operands in the operator's own layouts. `make` gets the operands' types as
  /// the operator will see them; mistakes are reported with the operands as they were given.
  func apply(
    _ images: [Value], weights: Value? = nil, bias: Value? = nil,
    _ make: ([TensorType]) throws(ShapeError) -> any Operator
  ) -> Value {
    let operands = images + [weights, bias].compactMap { $0 }
    let builder = images[0].builder
    guard builder.accepts(operands, subject, site: site) else { return builder.poisoned() }
    do {
      let axes = layout == .channelsFirst ? "[N, C, \(plane)]" : "[N, \(plane), C]"
      for image in images { try expectRank(image, "images", axes) }
      if let weights { try expectRank(weights, "weights", "[O, C, \(plane)]") }
      let toLast = layout.permutationToLast(rank: rank)
      let kernelFirst = Array(2..<rank) + [1, 0]
      let types =
        images.map { inner($0.type, toLast, kernel: false) }
        + (weights.map { [inner($0.type, kernelFirst, kernel: true)] } ?? []) + (bias.map { [$0.type] } ?? [])
      let applied = try make(types)
      _ = try applied.outputTypes(for: types)
      let entered =
        images.map { enter($0, toLast, kernel: false) }
        + (weights.map { [enter($0, kernelFirst, kernel: true)] } ?? []) + (bias.map { [$0] } ?? [])
      return leave(builder.emit(applied, entered, site))
    } catch {
      return builder.fail(error, subject, operands: operands, site: site)
    }
  }

  private var plane: String { rank == 4 ? "H, W" : "W" }

  private func expectRank(_ value: Value, _ what: String, _ axes: String) throws(ShapeError) {
    guard value.rank == rank else {
      throw ShapeError(.rank, "\(what) must have \(rank) axes, \(axes), and not \(value.rank)")
    }
  }

  private func inner(_ type: TensorType, _ permutation: [Int], kernel: Bool) -> TensorType {
    var lengths = permutation.map { type.shape[$0] }
    if rank == 3 { lengths.insert(1, at: kernel ? 0 : 1) }
    return TensorType(type.dtype, Shape(lengths))
  }

  private func enter(_ x: Value, _ permutation: [Int], kernel: Bool) -> Value {
    reshaped(transposed(x, permutation), inner(x.type, permutation, kernel: kernel).shape, site)
  }

  private func leave(_ y: Value) -> Value {
    guard !y.isPoisoned else { return y }
    let flat = rank == 4 ? y : reshaped(y, y.shape.removing(axis: 1), site)
    return transposed(flat, layout.permutationFromLast(rank: rank))
  }

  private func transposed(_ x: Value, _ permutation: [Int]) -> Value {
    permutation == Array(0..<permutation.count)
      ? x : x.builder.emit(Transpose(permutation: permutation), [x], site)
  }
}
