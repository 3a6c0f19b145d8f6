/// The nodes made in one call of `recompute`, by identity.
final class RecomputedRegion: Sendable {
  /// The region of the call around this one.
  let parent: RecomputedRegion?

  init(within parent: RecomputedRegion?) { self.parent = parent }

  /// The regions around this one and itself, the innermost first.
  var outwards: [RecomputedRegion] { Array(sequence(first: self, next: \.parent)) }
}

extension GraphBuilder {
  /// Marks what is built in `body` for being computed twice: its inner values are not kept for the backward pass, which
  /// computes them again from the values that `body` read (T. Chen and others, "Training Deep Nets with Sublinear Memory
  /// Cost", 2016).
  ///
  /// ```swift
  /// for layer in layers { h = g.recompute { relu(matmul(h, layer.w) + layer.b) } }
  /// ```
  ///
  /// Values and gradients have the same bits as without. What `body` returns and what it reads is kept as ever; inner
  /// values that are fetched, or read from outside, are kept too. A derivative rule that reads an inner value reads a copy
  /// that is computed once cotangents have arrived at the region and its first computation is over. So n layers in √n
  /// regions need the memory of about 2√n layers, for the time of one more forward pass. Regions nest: an inner region is
  /// computed once more for each region around it. Parameters declared in `body` are not copied, and operators of `body`
  /// that draw random numbers draw the same again.
  ///
  /// Marks have no effect without a derivative, in forward mode, and on the second derivative by what a first one built.
  public func recompute<Result>(_ body: () throws -> Result) rethrows -> Result {
    var context = BuildContext.current
    context.region = RecomputedRegion(within: context.region)
    return try BuildContext.$current.withValue(context, operation: body)
  }
}
