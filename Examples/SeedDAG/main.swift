import Tributary

// Three operators in a chain; the first and the last share the weight w1.
let g = GraphBuilder()
let x0 = g.input("x0", [5, 1])
let w1 = g.parameter("w1", [5, 5], initial: .normal(0.5))
let w2 = g.parameter("w2", [5, 5], initial: .normal(0.5))
let x1 = matmul(w1, x0)
let x2 = x0 + matmul(w2, x1)
let x3 = matmul(w1, x1 + x2)
let q = norm(x3)
let d = g.gradients(of: q, withRespectTo: [w1, w2])

let cpu = GraphExecutor.shared
let look = try g.compile(fetching: [q, d[w1], d[w2]])
let train = try g.compile(fetching: [q], updating: SGD(learningRate: 0.01).minimizing(q))
let state = ParameterStore(train, seed: 1)
let x = try Tensor([1, 2, 3, 4, 5] as [Float], shape: [5, 1])

let before = try look.run(on: cpu, state, feeding: [x0: x])
print("q     =", try before[q].scalar(Float.self))
print("dq/dw1 =", try before[d[w1]].elements(Float.self))
print("dq/dw2 =", try before[d[w2]].elements(Float.self))
for _ in 0..<20 { _ = try train.run(on: cpu, state, feeding: [x0: x]) }
print("q after 20 steps =", try look.run(on: cpu, state, feeding: [x0: x])[q].scalar(Float.self))
print(train.plan.summary)
