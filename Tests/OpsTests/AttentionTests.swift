import Testing

@testable import TributaryOps

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct AttentionTests {
  /// One head by the definition, in double: output, logarithms, and the gradients for a cotangent.
  private struct Head {
    var o: [Double]
    var logarithms: [Double]
    var dq: [Double]
    var dk: [Double]
    var dv: [Double]

    init(
      _ q: [Double], _ k: [Double], _ v: [Double], _ dO: [Double], queries: Int, keys: Int, width: Int,
      valueWidth: Int, form: AttentionForm, isSeen: (Int, Int) -> Bool, bias: (Int, Int) -> Double
    ) {
      let scale = form.scale(width: width)
      o = Array(repeating: 0, count: queries * valueWidth)
      logarithms = Array(repeating: -.infinity, count: queries)
      (dq, dk, dv) = (q.map { _ in 0 }, k.map { _ in 0 }, v.map { _ in 0 })
      for i in 0..<queries {
        let seen = (0..<keys).filter { isSeen(i, $0) && (!form.isCausal || $0 <= i) }
        guard !seen.isEmpty else { continue }
        let scores = seen.map { j in
          (0..<width).reduce(0) { $0 + q[i * width + $1] * k[j * width + $1] } * scale + bias(i, j)
        }
        let largest = scores.max() ?? 0
        let total = scores.reduce(0) { $0 + exp($1 - largest) }
        logarithms[i] = largest + log(total)
        let p = scores.map { exp($0 - largest) / total }
        let dp = seen.map { j in
          (0..<valueWidth).reduce(0) { $0 + dO[i * valueWidth + $1] * v[j * valueWidth + $1] }
        }
        let delta = zip(p, dp).reduce(0) { $0 + $1.0 * $1.1 }
        for (n, j) in seen.enumerated() {
          for c in 0..<valueWidth {
            o[i * valueWidth + c] += p[n] * v[j * valueWidth + c]
            dv[j * valueWidth + c] += p[n] * dO[i * valueWidth + c]
          }
          let ds = p[n] * (dp[n] - delta) * scale
          for c in 0..<width {
            dq[i * width + c] += ds * k[j * width + c]
            dk[j * width + c] += ds * q[i * width + c]
          }
        }
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let queries: Int
    let keys: Int
    let width: Int
    let valueWidth: Int
    var isCausal = false
    var mask = DType?.none

    var testDescription: String {
      "\(queries)×\(keys), \(width) and \(valueWidth) wide\(isCausal ? ", causal" : "")\(mask.map { ", mask \($0)" } ?? "")"
    }
  }

  static let cases: [Case] = [
    Case(queries: 1, keys: 1, width: 1, valueWidth: 1),
    Case(queries: 1, keys: 500, width: 64, valueWidth: 64),
    Case(queries: 65, keys: 193, width: 33, valueWidth: 7),
    Case(queries: 200, keys: 200, width: 8, valueWidth: 50),
    Case(queries: 130, keys: 130, width: 16, valueWidth: 16, isCausal: true),
    Case(queries: 260, keys: 260, width: 4, valueWidth: 4, isCausal: true),
    Case(queries: 70, keys: 400, width: 5, valueWidth: 5, isCausal: true),
    Case(queries: 400, keys: 30, width: 5, valueWidth: 5, isCausal: true),
    Case(queries: 129, keys: 200, width: 6, valueWidth: 6, mask: .bool),
    Case(queries: 129, keys: 200, width: 6, valueWidth: 6, mask: .float64),
    Case(queries: 70, keys: 200, width: 140, valueWidth: 6, isCausal: true, mask: .bool),
  ]

  @Test(arguments: cases)
  func equalsTheDefinition(_ example: Case) throws {
    let (t, s, d, e) = (example.queries, example.keys, example.width, example.valueWidth)
    for dtype in [DType.float32, .float64] {
      var random = TestRandom(31)
      let q = random.tensor(dtype, [t, d])
      let k = random.tensor(dtype, [s, d])
      let v = random.tensor(dtype, [s, e])
      let dO = random.tensor(dtype, [t, e])
      let mask = example.mask.map { random.tensor($0 == .bool ? .bool : dtype, [t, s]) }
      let form = AttentionForm(isCausal: example.isCausal)
      let numbers = mask?.doubles
      let want = Head(
        q.doubles, k.doubles, v.doubles, dO.doubles, queries: t, keys: s, width: d, valueWidth: e, form: form,
        isSeen: { i, j in example.mask != .bool || numbers?[i * s + j] == 1 },
        bias: { i, j in example.mask == .bool ? 0 : numbers?[i * s + j] ?? 0 })
      let masks = mask.map { [$0] } ?? []
      let bound = dtype == .float32 ? 2e-5 : 1e-12
      for level in VectorLevel.available {
        let got = try VectorLevel.$override.withValue(level) {
          let outputs = try Attention(form).evaluate(on: [q, k, v] + masks)
          let inner = zip(dO.doubles, outputs[0].doubles).map(*)
          let deltas = (0..<t).map { row in inner[row * e..<(row + 1) * e].reduce(0, +) }
          let statistics = [outputs[1], Tensor(deltas, dtype: dtype, shape: [t])]
          return try outputs + AttentionGradient(form).evaluate(on: [dO, q, k, v] + statistics + masks)
        }
        for (got, want) in zip(got, [want.o, want.logarithms, want.dq, want.dk, want.dv]) {
          let size = want.filter(\.isFinite).map(abs).max() ?? 1
          let difference = Reference.difference(got.doubles, want, bound: bound, floor: max(size, 1))
          #expect(difference == nil, "\(got.type) at \(level): \(difference ?? "")")
        }
      }
    }
  }

  @Test("scores too large for an exponential")
  func largeScores() throws {
    var random = TestRandom(32)
    let q = random.tensor(.float32, [3, 300], in: 20...30)
    let k = random.tensor(.float32, [500, 300], in: 20...30)
    let v = random.tensor(.float32, [500, 2])
    let outputs = try Attention().evaluate(on: [q, k, v])
    #expect(outputs.allSatisfy { $0.doubles.allSatisfy { $0.isFinite } })
    #expect(outputs[0].doubles.allSatisfy { abs($0) <= 3 })
  }

  @Test("a query that sees nothing gives zeros")
  func nothingSeen() throws {
    let one = try Tensor([Float](repeating: 1, count: 4), shape: [2, 2])
    let mask = try Tensor([false, false, true, false], shape: [2, 2])
    let outputs = try Attention().evaluate(on: [one, one, one, mask])
    #expect(try outputs[0].elements(Float.self) == [0, 0, 1, 1])
    #expect(try outputs[1].elements(Float.self)[0] == -.infinity)
    let gradients = try AttentionGradient(AttentionForm()).evaluate(
      on: [one, one, one, one, outputs[1], try Tensor([Float(0), 2], shape: [2]), mask])
    #expect(gradients.allSatisfy { $0.doubles.allSatisfy { $0.isFinite } })
    #expect(try gradients[2].elements(Float.self) == [1, 1, 0, 0])
  }

  @Test("a NaN in a query stays with it")
  func notANumber() throws {
    var random = TestRandom(33)
    var values = random.tensor(.float32, [70, 4]).doubles.map { Float($0) }
    values[4] = .nan
    let q = try Tensor(values, shape: [70, 4])
    let k = random.tensor(.float32, [9, 4])
    let o = try Attention().evaluate(on: [q, k, k])[0].doubles
    #expect(o[4..<8].allSatisfy { $0.isNaN })
    #expect((o[..<4] + o[8...]).allSatisfy { $0.isFinite })
  }

  @Test("memory does not grow with the scores")
  func scratch() {
    func bytes(_ length: Int) -> Int {
      let x = TensorType(.float32, [length, 64])
      let signature = Signature(inputs: [x, x, x], outputs: [x, TensorType(.float32, [length])])
      return Attention().scratchBytes(signature, region: Region(whole: x.shape))
    }
    #expect(bytes(100_000) == bytes(1000))
    #expect(bytes(100_000) < 1 << 19)
  }
}
