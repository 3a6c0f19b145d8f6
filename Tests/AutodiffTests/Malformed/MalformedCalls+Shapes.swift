import TributaryAutodiff
import TributaryOps

extension MalformedCallTests {
  static let shapes: [Call] = [
    Call("reshape", "[2, 3]", "[4]") { reshape($0.x, [4]) },
    Call("reshape", "-1") { reshape($0.x, [-1, -1]) },
    Call("reshape", "[4, -1]") { reshape($0.x, [4, -1]) },
    Call("reshape", "-2") { reshape($0.x, [-2, 3]) },
    Call("reshape", "9 axes") { reshape($0.scalar, [1, 1, 1, 1, 1, 1, 1, 1, 1]) },
    Call("transpose", "[0, 0]", "once") { transpose($0.x, permutation: [0, 0]) },
    Call("transpose", "[1]") { transpose($0.x, permutation: [1]) },
    Call("transpose", "no axis 2") { transpose($0.x, permutation: [0, 2]) },
    Call("transpose", "no axis 4") { swapAxes($0.x, 0, 4) },
    Call("broadcast_to", "[2, 3]", "[2, 2]") { broadcast($0.x, to: [2, 2]) },
    Call("broadcast_to", "[3]") { broadcast($0.x, to: [3]) },
    Call("broadcast_to", "more elements than can be addressed") {
      broadcast($0.scalar, to: [1 << 40, 1 << 40])
    },
    Call("concat", "f32[2, 3]", "f32[4, 5]") { concat([$0.x, $0.y]) },
    Call("concat", "f64") { concat([$0.x, $0.wide]) },
    Call("concat", "no axis 2") { concat([$0.x, $0.x], axis: 2) },
    Call("concat", "it has none") { concat([$0.scalar, $0.scalar]) },
    Call("stack", "one shape") { stack([$0.x, $0.y]) },
    Call("stack", "place 4") { stack([$0.x, $0.x], axis: 4) },
    Call("concat", "f64") { stack([$0.x, $0.wide]) },
    Call("stack", "9 axes") { stack([$0.deep, $0.deep]) },
    Call("split", "[1, 1]", "3") { split($0.x, sizes: [1, 1], axis: 1)[0] },
    Call("split", "-1") { split($0.x, sizes: [-1, 4], axis: 1)[0] },
    Call("split", "no axis 2") { split($0.x, sizes: [1], axis: 2)[0] },
    Call("slice", "step", "0") { slice($0.x, starts: [0], stops: [2], steps: [0]) },
    Call("slice", "[2, 3]") { slice($0.x, starts: [0, 0, 0], stops: [1, 1, 1]) },
    Call("slice", "starts") { slice($0.x, starts: [0, 0], stops: [1]) },
    Call("slice", "1..<7", "axis 1") { slice($0.x, axis: 1, 1..<7) },
    Call("slice", "no axis 2") { slice($0.x, axis: 2, 0..<1) },
    Call("slice_scatter", "[2, 3]") {
      $0.g.apply(SliceScatter(starts: [0, 0], steps: [1, 1], shape: [2, 2]), to: $0.x)
    },
    Call("pad", "2 pairs") { pad($0.x, [(before: 1, after: 1)]) },
    Call("pad", "non-negative") { pad($0.x, [(before: -1, after: 1), (before: 0, after: 0)]) },
    Call("pad", "give less") { pad($0.x, [(before: Int.max, after: 1), (before: 0, after: 0)]) },
    Call("pad", "0.5") { pad($0.ids, [(before: 1, after: 1), (before: 0, after: 0)], value: 0.5) },
    Call("tile", "must not be negative") { tile($0.x, repeats: [2, -1]) },
    Call("tile", "9 axes") { tile($0.x, repeats: [1, 1, 1, 1, 1, 1, 1, 1, 1]) },
    Call("tile", "more elements than can be addressed") { tile($0.x, repeats: [1 << 40, 1 << 40]) },
    Call("flip", "no axis -3 in [2, 3]") { flip($0.x, axes: [-3]) },
    Call("flip", "named twice") { flip($0.x, axes: [0, 0]) },
    Call("roll", "one shift") { roll($0.x, shifts: [1, 2]) },
    Call("roll", "do not fit the axes") { roll($0.x, shifts: [1, 2], axes: [0]) },
    Call("roll", "no axis 5") { roll($0.x, shifts: [1], axes: [5]) },
    Call("reflect_pad", "2 pairs") { reflectPad($0.x, [(before: 1, after: 1)]) },
    Call("reflect_pad", "pad by less") {
      reflectPad($0.x, [(before: 0, after: 0), (before: 3, after: 0)])
    },
    Call("tril", "f32[3]") { tril($0.v) },
    Call("triu", "f32[]") { triu($0.scalar) },
    Call("iota", "negative length -2") { $0.g.triangularMask(rows: -2, columns: 3) },
    Call("iota", "-1") { $0.g.causalMask(queries: 2, keys: -1) },
  ]

  static let indexing: [Call] = [
    Call("embedding", "f32[2, 3]", "indices") { embedding($0.x, $0.x) },
    Call("embedding", "f32[3]") { embedding($0.v, $0.ids) },
    Call("embedding_gradient", "f32[4, 5]") { $0.g.apply(EmbeddingGradient(rows: 3), to: $0.y, $0.ids) },
    Call("embedding_gradient", "-1") {
      $0.g.apply(EmbeddingGradient(rows: -1), to: reshape($0.x, [2, 3, 1]), $0.ids)
    },
    Call("gather", "indices") { gather($0.x, $0.wide, axis: 0) },
    Call("gather", "no axis 2") { gather($0.x, $0.ids, axis: 2) },
    Call("gather", "f32[3]", "i64[2, 3]") { gather($0.v, $0.ids, axis: 0) },
    Call("gather", "[4, 5]") { gather($0.x, cast($0.y, to: .int64), axis: 1) },
    Call("index_select", "i64[2, 3]") { indexSelect($0.x, $0.ids, axis: 0) },
    Call("index_select", "indices") { indexSelect($0.x, $0.v, axis: 0) },
    Call("index_select", "it has none") { indexSelect($0.scalar, $0.ids, axis: 0) },
    Call("scatter_add", "f64[2, 3]") { scatterAdd($0.x, $0.ids, $0.wide, axis: 0) },
    Call("scatter_add", "indices") { scatterAdd($0.x, $0.mask, $0.x, axis: 0) },
    Call("scatter_add", "no axis -3") { scatterAdd($0.x, $0.ids, $0.x, axis: -3) },
  ]
}
