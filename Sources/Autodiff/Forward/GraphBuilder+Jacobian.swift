internal import TributaryOps

/// How a Jacobian is put together.
public enum JacobianMode: Sendable, Hashable {
  /// Forward where x has no more elements than y, else reverse.
  case automatic
  /// A column at a time, one Jacobian-vector product for each element of x.
  case forward
  /// A row at a time, one vector-Jacobian product for each element of y.
  case reverse
}

extension GraphBuilder {
  /// How many products a Jacobian may be made of where nothing else is said.
  public static let jacobianProductLimit = 1024

  /// Up to so many products are written out; untuned.
  private static let writtenOutLimit = 16

  /// Builds the Jacobian ∂y/∂x whole: shape `y.shape + x.shape`, at `[i…, j…]` the derivative of y at `[i…]` by x at
  /// `[j…]`.
  ///
  /// It is stacked from the products with all unit vectors, as many as the smaller of x and y has elements. They take the
  /// time of that many products; what they share is computed once, and they run in parallel. Up to 16 are written out,
  /// more are the steps of a ``map(over:file:line:_:)``, which adds the nodes of one product. Memory: the result, once
  /// more for the parts that it is stacked from, and what the products need that run at once. Where a product with one
  /// vector will do, use ``jvp(of:withRespectTo:tangents:file:line:)`` or ``vjp(of:cotangents:withRespectTo:file:line:)``.
  ///
  /// Errors of `compile`: as those of the products; more products than the limit, with code `tooLarge`; more than eight
  /// axes.
  /// - Parameters:
  ///   - y: f32 or f64, of any shape.
  ///   - x: f32 or f64, of any shape.
  ///   - mode: Forward or reverse; the values agree up to rounding.
  ///   - productLimit: The most products that may be computed.
  /// - Returns: The Jacobian, of y's element type; zeros where y does not depend on x.
  public func jacobian(
    of y: Value, withRespectTo x: Value, mode: JacobianMode = .automatic,
    productLimit: Int = GraphBuilder.jacobianProductLimit, file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    let site = SourceSite(file, line)
    guard accepts([y, x], "jacobian", site: site) else { return poisoned() }
    let shape = Shape(y.shape.dimensions + x.shape.dimensions)
    do { try shape.validate() } catch { return fail(error, "jacobian", operands: [y, x], site: site) }
    let columns = x.type.elementCount
    let rows = y.type.elementCount
    guard x.dtype == y.dtype, x.dtype.isFloatingPoint else {
      return fail(
        .notDifferentiable, "jacobian",
        "'\(y.name)' is \(y.type) and '\(x.name)' \(x.type); both must be f32 or both f64, so cast one of them",
        operands: [y, x], site: site)
    }
    guard columns > 0, rows > 0 else {
      return emit(Fill(type: TensorType(y.dtype, shape), value: 0), [], site)
    }

    let isForward = mode == .forward || (mode == .automatic && columns <= rows)
    let count = isForward ? columns : rows
    guard count <= productLimit else {
      return fail(
        .tooLarge, "jacobian",
        "the Jacobian of '\(y.name)' \(y.type) by '\(x.name)' \(x.type) takes \(count) products, more than the limit of"
          + " \(productLimit); raise productLimit, or use jvp or vjp with the vectors that matter",
        operands: [y, x], site: site)
    }
    func product(_ unit: Value) -> Value {
      isForward
        ? jvp(of: [y], withRespectTo: [x], tangents: [unit], file: file, line: line)[0]
        : vjp(of: [y], cotangents: [unit], withRespectTo: [x], file: file, line: line)[0]
    }
    return scope("jacobian") {
      let type = isForward ? x.type : y.type
      guard count <= Self.writtenOutLimit else {
        let stack = productsOfUnits(type, site, product)
        guard isForward, !stack.isPoisoned else { return reshaped(stack, shape, site) }
        let columnsOfParts = reshaped(stack, [columns, rows], site)
        return reshaped(emit(Transpose(permutation: [1, 0]), [columnsOfParts], site), shape, site)
      }
      let one = reshaped(constant(1, dtype: x.dtype, site: site), [1], site)
      let parts = (0..<count).map { index in
        let unit = emit(SliceScatter(starts: [index], steps: [1], shape: [count]), [one], site)
        return reshaped(
          product(reshaped(unit, type.shape, site)), isForward ? [rows, 1] : [1, columns], site)
      }
      return reshaped(emit(Concat(axis: isForward ? 1 : 0), parts, site), shape, site)
    }
  }

  /// Builds the Hessian ∂²y/∂x∂x of a scalar whole: shape `x.shape + x.shape`.
  ///
  /// The Jacobian of the gradient by forward mode: as many Hessian-vector products as x has elements, see
  /// ``jacobian(of:withRespectTo:mode:productLimit:file:line:)``. Where a product with one vector will do, use
  /// ``hvp(of:withRespectTo:vectors:file:line:)``. For the mixed block ∂²y/∂x∂x′ take the Jacobian by x′ of the
  /// gradient by x.
  /// - Parameters:
  ///   - y: f32 or f64, shape `[]`.
  ///   - x: Of y's element type; at most four axes.
  ///   - productLimit: The most products that may be computed.
  /// - Returns: The Hessian, of y's element type; symmetric up to rounding.
  public func hessian(
    of y: Value, withRespectTo x: Value, productLimit: Int = GraphBuilder.jacobianProductLimit,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Value {
    let gradient = gradients(of: y, withRespectTo: [x], file: file, line: line)
    return jacobian(
      of: gradient.all[0], withRespectTo: x, mode: .forward, productLimit: productLimit, file: file,
      line: line)
  }
}
