import Testing
import TributaryAutodiff
import TributaryOps

/// What a caller reads after a mistake with a function that checks its arguments before there is an operator.
@Suite struct MalformedCallTests {
  struct Call: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: [String]
    let make: @Sendable (_ x: Value, _ scalar: Value, _ ids: Value) -> Value

    init(_ words: String..., make: @escaping @Sendable (Value, Value, Value) -> Value) {
      testDescription = words.joined(separator: " ")
      self.words = words
      self.make = make
    }
  }

  static let calls: [Call] = [
    Call("clamp", "needs a bound") { x, _, _ in clamp(x) },
    Call("clamp", "no whole number") { _, _, ids in clamp(ids, max: 0.5) },
    Call("leaky_relu", "must be finite") { x, _, _ in leakyRelu(x, negativeSlope: .infinity) },
    Call("elu", "f32 or f64") { _, _, ids in elu(ids) },
    Call("elu", "computes in f32 or f64") { _, _, ids in selu(ids) },
    Call("prod", "no axis 5 in [2, 3]") { x, _, _ in prod(x, axes: [5]) },
    Call("prod", "named twice") { x, _, _ in prod(x, axes: [0, -2]) },
    Call("var", "must not be negative") { x, _, _ in variance(x, correction: -3) },
    Call("var", "f32 or f64") { _, _, ids in variance(ids) },
    Call("argmax", "no axis 2 in [2, 3]") { x, _, _ in argMax(x, axis: 2) },
    Call("argmin", "it has none") { _, scalar, _ in argMin(scalar, axis: 0) },
    Call("cumsum", "it has none") { _, scalar, _ in cumulativeSum(scalar, axis: 0) },
    Call("tile", "must not be negative") { x, _, _ in tile(x, repeats: [2, -1]) },
    Call("tile", "9 axes") { x, _, _ in tile(x, repeats: [1, 1, 1, 1, 1, 1, 1, 1, 1]) },
    Call("tile", "more elements than can be addressed") { x, _, _ in tile(x, repeats: [1 << 40, 1 << 40]) },
    Call("flip", "no axis -3 in [2, 3]") { x, _, _ in flip(x, axes: [-3]) },
    Call("roll", "one shift") { x, _, _ in roll(x, shifts: [1, 2]) },
    Call("roll", "do not fit the axes") { x, _, _ in roll(x, shifts: [1, 2], axes: [0]) },
    Call("reflect_pad", "2 pairs") { x, _, _ in reflectPad(x, [(before: 1, after: 1)]) },
    Call("reflect_pad", "pad by less") { x, _, _ in
      reflectPad(x, [(before: 0, after: 0), (before: 3, after: 0)])
    },
    Call("l1", "cannot be broadcast") { x, _, _ in meanAbsoluteError(x, transpose(x)) },
    Call("huber", "must be positive") { x, _, _ in huberLoss(x, x, delta: -1) },
    Call("bce_with_logits", "one element type") { x, _, ids in binaryCrossEntropy(logits: x, targets: ids) },
    Call("kl_div", "no batch") { _, scalar, _ in klDivergence(scalar, scalar) },
    Call("outer", "two vectors") { x, scalar, _ in outer(x, scalar) },
  ]

  @Test(arguments: calls)
  func theMessageHelps(_ call: Call) {
    let g = GraphBuilder()
    let x = g.input("x", [2, 3])
    let y = call.make(x, g.input("scalar", []), g.input("ids", [2, 3], dtype: .int64))
    let error = #expect(throws: GraphError.self) { try g.graph(fetching: [y]) }
    for word in call.words {
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }
    #expect(error?.issues.count == 1)
  }
}
