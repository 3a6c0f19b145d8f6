import TributaryAutodiff
import TributaryOps

extension MalformedCallTests {
  static let derivatives: [Call] = [
    Call("gradients", "'x' is f32[2, 3]") { $0.g.gradients(of: $0.x, withRespectTo: [$0.v]).all[0] },
    Call("gradients", "i64") { $0.g.gradients(of: sum($0.x), withRespectTo: [$0.ids]).all[0] },
    Call("gradients", "i64") { $0.g.gradients(of: sum($0.ids), withRespectTo: [$0.x]).all[0] },
    Call("gradients", "cotangent") {
      $0.g.gradients(of: [$0.x], cotangents: [$0.v], withRespectTo: [$0.x]).all[0]
    },
    Call("gradients", "1", "2") {
      $0.g.gradients(of: [$0.x], cotangents: [$0.x, $0.x], withRespectTo: [$0.x]).all[0]
    },
    Call("jvp", "1", "0") { $0.g.jvp(of: [$0.x], withRespectTo: [$0.x], tangents: [])[0] },
    Call("jvp", "f32[3]") { $0.g.jvp(of: [$0.x], withRespectTo: [$0.x], tangents: [$0.v])[0] },
    Call("jvp", "i64[2, 3]") { $0.g.jvp(of: [$0.ids], withRespectTo: [$0.x], tangents: [$0.x])[0] },
    Call("jacobian", "192 products", "productLimit") {
      $0.g.jacobian(
        of: reshape(slice($0.images, axis: 0, 0..<1), [192]), withRespectTo: $0.images, productLimit: 64)
    },
    Call("jacobian", "f64") { $0.g.jacobian(of: $0.x, withRespectTo: $0.wide) },
    Call("jacobian", "9 axes") { $0.g.jacobian(of: $0.deep, withRespectTo: $0.v) },
    Call("gradients", "'x' is f32[2, 3]") { $0.g.hessian(of: $0.x, withRespectTo: $0.x) },
    Call("while", "cut the way") { o in
      let y = o.g.whileLoop(carrying: [o.x]) { carried in
        sum(carried[0]) .< 9
      } do: { carried in
        [carried[0] + 1]
      }
      return o.g.gradients(of: sum(y[0]), withRespectTo: [o.x]).all[0]
    },
    Call("clipByGlobalNorm", "-1") { $0.g.clipByGlobalNorm([$0.x], maximum: -1).norm },
    Call("clipByGlobalNorm", "i64") { $0.g.clipByGlobalNorm([$0.ids], maximum: 1).norm },
    Call("clipByValue", "nan") { $0.g.clipByValue([$0.x], bound: .nan)[0] },
    Call("add", "x' f32[2]", "another GraphBuilder") { $0.x + GraphBuilder().input("x", [2]) },
    Call("input", "twice/x") {
      _ = $0.g.scope("twice") { [g = $0.g] in g.input("x", [2]) }
      return $0.g.scope("twice") { [g = $0.g] in g.input("x", [2]) }
    },
    Call("input", "name") { $0.g.input("", [2]) },
    Call("input", "-1") { $0.g.input("z", [-1]) },
    Call("parameter", "i64") { $0.g.parameter("p", [2], dtype: .int64, initial: .normal(1)) },
    Call("parameter", "9 axes") { $0.g.parameter("p", [1, 1, 1, 1, 1, 1, 1, 1, 1], initial: .constant(0)) },
  ]

  static let loops: [Call] = [
    Call("scan", "'scalar'") { o in
      o.g.scan(carrying: [o.x], over: [o.scalar]) { carried, slices in (carried, slices) }.carried[0]
    },
    Call("scan", "give inputs or a length") { o in
      o.g.scan(carrying: [o.x]) { carried, slices in (carried, slices) }.carried[0]
    },
    Call("scan", "[2, 4]") { o in
      o.g.scan(carrying: [o.x], over: [o.x, o.y]) { carried, slices in (carried, slices) }.carried[0]
    },
    Call("scan", "[-1]") { o in
      o.g.scan(carrying: [o.x], length: -1) { carried, slices in (carried, slices) }.carried[0]
    },
    Call("scan", "f32[2, 3] before", "f32[3, 2] after") { o in
      o.g.scan(carrying: [o.x], length: 2) { carried, _ in ([transpose(carried[0])], []) }.carried[0]
    },
    Call("scan", "gives 2 carried values") { o in
      o.g.scan(carrying: [o.x], length: 2) { carried, _ in (carried + carried, []) }.carried[0]
    },
    Call("scan", "f64[2, 3] after") { o in
      o.g.scan(carrying: [o.x], length: 2) { carried, _ in ([cast(carried[0], to: .float64)], []) }.carried[0]
    },
    Call("map", "nothing to loop over") { o in o.g.map(over: []) { $0 }[0] },
    Call("map", "[2, 4]") { o in o.g.map(over: [o.x, o.y]) { $0 }[0] },
    Call("map", "no output") { o in o.g.map(over: [o.x]) { _ in [] }[0] },
    Call("map", "'scalar'") { o in o.g.map(over: [o.scalar]) { $0 }[0] },
    Call("cond", "bool[]", "'x' is f32[2, 3]") { o in
      o.g.cond(o.x) {
        [o.x]
      } else: {
        [o.x]
      }[0]
    },
    Call("cond", "f32[2, 3]", "f32[4, 5]") { o in
      o.g.cond(o.scalar .> 0) {
        [o.x]
      } else: {
        [o.y]
      }[0]
    },
    Call("while", "bool[]") { o in o.g.whileLoop(carrying: [o.x], while: { $0[0] }, do: { $0 })[0] },
    Call("while", "f32[3, 2] after") { o in
      o.g.whileLoop(carrying: [o.x], while: { sum($0[0]) .> 0 }, do: { [transpose($0[0])] })[0]
    },
    Call("while", "gives 0 carried") { o in
      o.g.whileLoop(carrying: [o.x], while: { sum($0[0]) .> 0 }, do: { _ in [] })[0]
    },
    Call("add", "[3], [1, 5]") { o in
      o.g.map(over: [o.x]) { [$0[0] + slice(o.y, axis: 0, 0..<1)] }[0]
    },
  ]
}
