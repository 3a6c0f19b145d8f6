import Tributary

// A recurrent net: the state h goes from step to step, and every step reads one row of xs.
let g = GraphBuilder()
let xs = g.input("xs", [20, 8, 3])
let wx = g.parameter("wx", [3, 4], initial: .glorotUniform)
let wh = g.parameter("wh", [4, 4], initial: .glorotUniform)
let start = g.constant(try Tensor([Float](repeating: 0, count: 32), shape: [8, 4]))
let (last, states) = g.scan(carrying: [start], over: [xs]) { carried, slices in
  let h = tanh(matmul(slices[0], wx) + matmul(carried[0], wh))
  return (carried: [h], outputs: [h])
}
let loss = mean(square(last[0]))
let d = g.gradients(of: loss, withRespectTo: [wx, wh])
print("states \(states[0].type), gradient \(d[wh].type)")

// Steps that know nothing of each other: a row of Gram matrices.
let grams = g.map(over: [states[0]]) { slices in [matmul(slices[0], slices[0], transposeA: true)] }[0]

// One of two: only the one that is chosen is computed.
let size = sum(grams)
let tamed = g.cond(size .> 10, then: { [log(size)] }, else: { [size / 10] })[0]

// As long as it takes: a square root by Newton's iteration, which has no derivative.
let root = g.whileLoop(carrying: [size]) { carried in
  abs(square(carried[0]) - size) .> size * 1e-5
} do: { carried in
  [(carried[0] + size / carried[0]) * 0.5]
}[0]

let look = try g.compile(fetching: [loss, d[wh], tamed, root, sqrt(size)])
let store = ParameterStore(look, seed: 1)
let numbers = (0..<480).map { Float($0 % 17) / 8 - 1 }
let feeds = [xs: try Tensor(numbers, shape: [20, 8, 3])]
let seen = try look.run(on: .shared, store, feeding: feeds)
let roots = try seen.tensors[3...].map { try $0.scalar(Float.self) }
print("roots agree: \(Swift.abs(roots[0] - roots[1]) < 1e-3)")

// Noise that every step of a training draws anew, and a mask that another stream draws.
let h = GraphBuilder()
let noise = h.randomNormal([3], dtype: .float64, seed: 7)
let mask = dropout(h.constant(try Tensor([1, 1, 1, 1] as [Float], shape: [4])), rate: 0.5, seed: 7)
let training = try h.compile(fetching: [noise, mask], updating: Update())
func draws(of executor: GraphExecutor, steps: Int) throws -> [[Double]] {
  let store = ParameterStore(training, seed: 1)
  return try (0..<steps).map { _ in
    try training.run(on: executor, store, feeding: [:])[noise].elements(Double.self)
  }
}
let one = try draws(of: GraphExecutor(workers: 1), steps: 3)
let eight = try draws(of: GraphExecutor(workers: 8), steps: 3)
print("other numbers in every step: \(one[0] != one[1] && one[1] != one[2])")
print("the same with eight threads: \(one == eight)")

// In a loop every step would draw the same, so this one carries a count of its own.
let count = h.constant(Tensor(Int64(0)))
let walk = h.scan(carrying: [count, h.constant(0)], length: 100) { carried, _ in
  let step = h.randomNormal([], seed: 7, stream: 100, step: carried[0])
  let place = carried[1] + step
  return (carried: [carried[0] + 1, place], outputs: [place])
}.outputs[0]
let path = try h.compile(fetching: [walk])
let places = try path.run(on: .shared, ParameterStore(path, seed: 1), feeding: [:])[walk].elements(Float.self)
print("a walk of \(places.count) places, \(Set(places).count) of them different")
