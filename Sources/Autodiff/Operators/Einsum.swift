internal import TributaryOps

/// Einstein's sum: the product of operands whose axes are named by letters, summed over the letters that the result does
/// not have, as in `"bqhd,bkhd->bhqk"`.
///
/// A letter that occurs twice in one operand takes its diagonal. Without an arrow the result has the letters that occur
/// once, in alphabetical order (capitals first). `...` stands for axes without letters, which are broadcast and come first
/// in a result without an arrow; in a result with an arrow that lacks it they are summed. Axes of length 1 are stretched.
/// Blanks do not matter.
///
/// Lowered to transpositions, sums and batched products of matrices. Of three operands and more, the pair comes first
/// whose product is smallest compared with its operands, then the one with the fewest operations, then the first: an order
/// that depends on the shapes alone.
/// - Parameters:
///   - equation: The letters of each operand, with commas, and after `->` those of the result.
///   - operands: f32 or f64, all of one element type; at least one.
public func einsum(
  _ equation: String, _ operands: [Value], file: StaticString = #fileID, line: UInt = #line
) -> Value {
  let site = SourceSite(file, line)
  return joined(operands, "einsum") { builder, _ in
    guard builder.accepts(operands, "einsum", site: site) else { return builder.poisoned() }
    do throws(ShapeError) {
      return try contracted(equation, operands, site)
    } catch {
      return builder.fail(error, "einsum", operands: operands, site: site)
    }
  }
}

/// Einstein's sum of operands given one by one; see ``einsum(_:_:file:line:)-(_,[Value],_,_)``.
public func einsum(
  _ equation: String, _ operands: Value..., file: StaticString = #fileID, line: UInt = #line
) -> Value {
  einsum(equation, operands, file: file, line: line)
}

/// The products of all elements of one vector with all of another: `[m]`, `[n]` → `[m, n]`; f32 or f64.
public func outer(_ a: Value, _ b: Value, file: StaticString = #fileID, line: UInt = #line) -> Value {
  let site = SourceSite(file, line)
  let builder = a.builder
  guard builder.accepts([a, b], "outer", site: site) else { return builder.poisoned() }
  guard a.rank == 1, b.rank == 1 else {
    let error = ShapeError(.rank, "an outer product takes two vectors; reshape the operands to one axis each")
    return builder.fail(error, "outer", operands: [a, b], site: site)
  }
  // As a product of matrices, whose derivatives are such products too and spread nothing out.
  let (column, row) = (a.shape.inserting(axis: 1), b.shape.inserting(axis: 0))
  return builder.emit(MatMul(), [reshaped(a, column, site), reshaped(b, row, site)], site)
}

private func contracted(
  _ text: String, _ operands: [Value], _ site: SourceSite
) throws(ShapeError) -> Value {
  for operand in operands where !operand.dtype.isFloatingPoint || operand.dtype != operands[0].dtype {
    throw ShapeError(.dtype, "einsum takes f32 or f64, all operands alike; cast some of them")
  }
  let equation = try EinsumEquation(text, ranks: operands.map(\.rank))
  let lengths = try equation.lengths(operands.map(\.shape))
  var terms: [EinsumTerm] = []
  for (operand, labels) in zip(operands, equation.inputs) {
    terms.append(try EinsumTerm(operand, labels, site))
  }
  /// What the result or another term than those at two places has.
  func wanted(without first: Int, _ second: Int) -> Set<EinsumEquation.Label> {
    Set(equation.output).union(
      terms.indices.filter { $0 != first && $0 != second }.flatMap { terms[$0].labels })
  }
  for place in terms.indices { terms[place].sum(keeping: wanted(without: place, place)) }
  while terms.count > 1 {
    let (first, second) = cheapestPair(terms, lengths) { wanted(without: $0, $1) }
    let kept = wanted(without: first, second)
    let (a, b) = inOrder(terms[first], terms[second], of: equation.output)
    terms[first] = a.multiplied(by: b, keeping: kept)
    terms.remove(at: second)
    guard !terms[first].value.isPoisoned else { return terms[first].value }
  }
  let result = terms[0].arranged(equation.output)
  // One operand that nothing happened to is a result all the same.
  return result
}

/// The places of the two terms to multiply next, the first before the second.
private func cheapestPair(
  _ terms: [EinsumTerm], _ lengths: [EinsumEquation.Label: Int],
  wanted: (Int, Int) -> Set<EinsumEquation.Label>
) -> (Int, Int) {
  var best = (first: 0, second: 1, growth: Double.infinity, work: Double.infinity)
  for second in terms.indices.dropFirst() {
    for first in 0..<second {
      let labels = Set(terms[first].labels).union(terms[second].labels)
      let kept = wanted(first, second)
      func size(_ of: Set<EinsumEquation.Label>) -> Double {
        of.sorted().reduce(1) { $0 * Double(lengths[$1] ?? 1) }
      }
      let growth = size(labels.intersection(kept)) - terms[first].size - terms[second].size
      let work = size(labels)
      if (growth, work) < (best.growth, best.work) { best = (first, second, growth, work) }
    }
  }
  return (best.first, best.second)
}

/// Two terms in the order in which the result has the first label that only one of them has, so that its axes need not
/// be exchanged.
private func inOrder(
  _ a: EinsumTerm, _ b: EinsumTerm, of output: [EinsumEquation.Label]
) -> (EinsumTerm, EinsumTerm) {
  let own = output.first { a.labels.contains($0) != b.labels.contains($0) }
  return own.map(b.labels.contains) == true ? (b, a) : (a, b)
}
