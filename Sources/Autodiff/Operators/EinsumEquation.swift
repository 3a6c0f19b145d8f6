internal import TributaryOps

/// An equation of ``einsum(_:_:file:line:)`` with a label for every axis of its operands and its result.
struct EinsumEquation: Equatable {
  /// A letter's code; for an axis of an ellipsis −1 for the last, −2 for the one before it and so on, so that ellipses
  /// of different rank are aligned at their last axes.
  typealias Label = Int

  /// The labels of every operand's axes.
  let inputs: [[Label]]

  /// The labels of the result's axes, each once.
  let output: [Label]

  /// Reads an equation for operands of given ranks.
  /// - Throws: `ShapeError` that names the term.
  init(_ text: String, ranks: [Int]) throws(ShapeError) {
    let compact = text.filter { !$0.isWhitespace }
    let sides = EinsumEquation.split(compact, at: "->")
    guard sides.count <= 2 else {
      throw ShapeError(.attribute, "“\(text)” has more than one arrow")
    }
    let terms = EinsumEquation.split(sides[0], at: ",")
    guard terms.count == ranks.count else {
      throw ShapeError(
        .arity, "“\(text)” takes \(terms.count) operands, and \(ranks.count) were given")
    }
    var inputs: [[Label]] = []
    for (term, rank) in zip(terms, ranks) {
      let letters = try Term(term)
      guard letters.hasEllipsis ? letters.count <= rank : letters.count == rank else {
        throw ShapeError(
          .rank, "“\(term)” names \(letters.count) axes of an operand that has \(rank); use ... for the rest")
      }
      inputs.append(letters.labels(ellipsisRank: rank - letters.count))
    }
    let widest = inputs.joined().min().map { Swift.max(0, -$0) } ?? 0
    guard sides.count == 2 else {
      let all = inputs.joined().sorted()
      let once = all.filter { label in label > 0 && all.filter { $0 == label }.count == 1 }
      (self.inputs, output) = (inputs, EinsumEquation.ellipsis(widest) + once)
      return
    }
    let result = try Term(sides[1])
    let output = result.labels(ellipsisRank: widest)
    for label in output where label > 0 {
      let name = EinsumEquation.name(label)
      guard output.filter({ $0 == label }).count == 1 else {
        throw ShapeError(
          .attribute, "“\(text)” names \(name) twice in its result; each axis must occur once there")
      }
      guard inputs.joined().contains(label) else {
        throw ShapeError(
          .attribute, "“\(text)” has \(name) in its result and in no operand; it must be in one")
      }
    }
    (self.inputs, self.output) = (inputs, output)
  }

  /// The length of every label's axes; an axis of length 1 is stretched.
  /// - Throws: `ShapeError` that names the label whose lengths differ.
  func lengths(_ shapes: [Shape]) throws(ShapeError) -> [Label: Int] {
    var result: [Label: Int] = [:]
    for (labels, shape) in zip(inputs, shapes) {
      for (axis, label) in labels.enumerated() {
        let known = result[label] ?? 1
        guard known == shape[axis] || known == 1 || shape[axis] == 1 else {
          throw ShapeError(
            .dimension,
            "\(EinsumEquation.name(label)) stands for lengths \(known) and \(shape[axis]), which must be equal"
          )
        }
        result[label] = known == 1 ? shape[axis] : known
      }
    }
    return result
  }

  /// The label as it was written.
  static func name(_ label: Label) -> String {
    label > 0 ? String(UnicodeScalar(UInt8(label))) : "axis \(label) of the ellipsis"
  }

  private static func ellipsis(_ rank: Int) -> [Label] { (0..<rank).map { $0 - rank } }

  /// Unlike `split(separator:)` a separator of any length, and empty parts stay.
  private static func split(_ text: String, at separator: String) -> [String] {
    var parts = [""]
    var rest = Substring(text)
    while let first = rest.first {
      if rest.hasPrefix(separator) {
        parts.append("")
        rest = rest.dropFirst(separator.count)
      } else {
        parts[parts.count - 1].append(first)
        rest = rest.dropFirst()
      }
    }
    return parts
  }

  /// The letters of one operand or of the result, before and behind an ellipsis.
  private struct Term {
    var before: [Label] = []
    var after: [Label] = []
    var hasEllipsis = false

    var count: Int { before.count + after.count }

    init(_ text: String) throws(ShapeError) {
      var rest = Substring(text)
      while let next = rest.first {
        if rest.hasPrefix("..."), !hasEllipsis {
          hasEllipsis = true
          rest = rest.dropFirst(3)
          continue
        }
        guard let code = next.asciiValue, next.isLetter else {
          throw ShapeError(
            .attribute, "“\(next)” in “\(text)” must be a letter or the one ellipsis of a term")
        }
        if hasEllipsis { after.append(Int(code)) } else { before.append(Int(code)) }
        rest = rest.dropFirst()
      }
    }

    func labels(ellipsisRank: Int) -> [Label] {
      before + (hasEllipsis ? EinsumEquation.ellipsis(ellipsisRank) : []) + after
    }
  }
}
