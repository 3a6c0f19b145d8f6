/// Products of matrices: the last two axes are multiplied, the leading ones broadcast as NumPy's.
///
/// `a` is [.., m, k] and `b` [.., k, n] after the transpositions of their last two axes; the output is [.., m, n].
/// When accumulating, a third input of the output's type is added, and may be overwritten by the output.
public struct MatMul: Operator {
  /// Whether the last two axes of `a` are swapped first.
  public let transposeA: Bool

  /// Whether the last two axes of `b` are swapped first.
  public let transposeB: Bool

  /// Whether a third input is added to the product.
  public let accumulating: Bool

  /// A product with its transpositions.
  public init(transposeA: Bool = false, transposeB: Bool = false, accumulating: Bool = false) {
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.accumulating = accumulating
  }

  /// `matmul`.
  public var name: String { "matmul" }

  /// What the operator was made with.
  public var attributes: [Attribute] {
    (transposeA ? [Attribute("transpose_a", true)] : [])
      + (transposeB ? [Attribute("transpose_b", true)] : [])
      + (accumulating ? [Attribute("accumulating", true)] : [])
  }

  /// The type of the output.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: accumulating ? 3 : 2)
    let (a, b) = (inputs[0], inputs[1])
    try expectFloatingPoint(a)
    guard a.dtype == b.dtype else {
      throw ShapeError(.dtype, "matmul: \(a) and \(b) have different element types; cast one")
    }
    guard a.rank >= 2, b.rank >= 2 else {
      throw ShapeError(.rank, "matmul takes matrices, with at least 2 axes, and was given \(a) and \(b)")
    }
    let (rows, innerA) = MatMulGeometry.matrix(a.shape, transposed: transposeA)
    let (innerB, columns) = MatMulGeometry.matrix(b.shape, transposed: transposeB)
    guard innerA == innerB else {
      throw ShapeError(
        .dimension,
        "matmul: the inner lengths \(innerA) and \(innerB) of \(described(a, transposeA)) and "
          + "\(described(b, transposeB)) differ")
    }
    guard let batch = Shape(a.shape.dropLast(2)).broadcast(with: Shape(b.shape.dropLast(2))) else {
      throw ShapeError(.dimension, "matmul: the leading axes of \(a) and \(b) do not broadcast")
    }
    let output = TensorType(a.dtype, Shape(Array(batch) + [rows, columns]))
    try output.shape.validate()
    if accumulating, inputs[2] != output {
      throw ShapeError(
        .dimension, "matmul: the sum so far is \(inputs[2]) and must be of the product's type, \(output)")
    }
    return [output]
  }

  private func described(_ type: TensorType, _ transposed: Bool) -> String {
    transposed ? "\(type) (transposed)" : "\(type)"
  }

  /// Two operations for each of m·n·k elements of every matrix.
  public func cost(_ signature: Signature) -> Cost {
    let geometry = MatMulGeometry(self, signature)
    let output = signature.outputs[0]
    return Cost(
      flops: 2 * Double(output.elementCount) * Double(geometry.k),
      bytesRead: Double(signature.inputs.reduce(0) { $0 + $1.byteCount }),
      bytesWritten: Double(output.byteCount))
  }

  /// Leading axes first, then columns, then rows: every row piece reads the whole right operand again, a column piece
  /// only the left one. Where `b` is one matrix for all leading axes these are rows too, and come after the columns.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    let geometry = MatMulGeometry(self, signature)
    let rank = signature.outputs[0].rank
    let columns = SplitAxis(rank - 1, minimum: 256, multiple: 16)
    let rows = SplitAxis(rank - 2, minimum: 128, multiple: 16)
    let shared = geometry.rowsContinueOverBatch
    let least = shared ? max(1, (128 + geometry.m - 1) / max(geometry.m, 1)) : 1
    let batch = (0..<rank - 2).filter { signature.outputs[0].shape[$0] > 1 }
      .map { axis in
        // Of several leading axes only the innermost must gather enough rows.
        SplitAxis(axis, minimum: axis == rank - 3 ? least : 1)
      }
    return shared ? [columns] + batch + [rows] : batch + [columns, rows]
  }

  /// The rows of `a` and the columns of `b` that the region needs, of the matrices it covers.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    guard index < 2 else { return region }
    let shape = signature.inputs[index].shape
    var result = Region(whole: shape)
    let shift = region.rank - shape.rank
    for axis in 0..<shape.rank - 2 where shape[axis] != 1 { result[axis] = region[axis + shift] }
    if index == 0 {
      result[shape.rank - (transposeA ? 1 : 2)] = region[region.rank - 2]
    } else {
      result[shape.rank - (transposeB ? 2 : 1)] = region[region.rank - 1]
    }
    return result
  }

  /// The sum so far, of the same element that is written.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { input == 2 }

  /// What the product of the region lays out.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int {
    let plan = try? MatMulPlan(MatMulGeometry(self, signature), self, signature, region: region)
    return plan?.product.scratchBytes ?? 0
  }

  /// The kernel of a region; its implementation names the back end.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let plan = try MatMulPlan(MatMulGeometry(self, signature), self, signature, region: region)
    let implementation = plan.product.backEnd.rawValue
    guard accumulating else { return Kernel(implementation: implementation) { plan.run($0, output: 2) } }
    let copy = StridedCopy(signature.outputs[0].dtype, region: region, of: signature.outputs[0].shape)
    return Kernel(implementation: implementation) { arguments in
      if arguments.pointers[2] != arguments.pointers[3] {
        copy(from: arguments.pointers[2], to: arguments.pointers[3])
      }
      return plan.run(arguments, output: 3)
    }
  }
}
