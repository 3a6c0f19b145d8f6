import Tributary

// A function of values is a graph; nothing is computed yet.
let g = GraphBuilder()
let x = g.input("x", [4, 3], dtype: .float64)
let w = g.parameter("w", [3, 3], dtype: .float64, initial: .normal(0.5))
let h = tanh(matmul(x, w))
let y = sum(square(matmul(h, w)))

// The gradient is more graph: operators after those of y.
let d = g.gradients(of: y, withRespectTo: [w, h])
print(try g.graph(fetching: [y, d[w]]).simplified())

/// z = a·x³ + b, element by element, for f64 values.
struct Cubic: DifferentiableOperator {
  let a: Double
  let b: Double

  var name: String { "cubic" }

  var attributes: [Attribute] { [Attribute("a", a), Attribute("b", b)] }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    guard inputs.count == 1, inputs[0].dtype == .float64 else {
      throw ShapeError(.dtype, "cubic takes one f64 value; cast it before")
    }
    return inputs
  }

  func cost(_ signature: Signature) -> Cost { .streaming(signature, flopsPerElement: 4) }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let count = signature.outputs[0].elementCount
    let (a, b) = (a, b)
    return Kernel { arguments in
      let x = arguments.pointer(0, as: Double.self)
      let z = arguments.pointer(1, as: Double.self)
      for index in 0..<count { z[index] = a * x[index] * x[index] * x[index] + b }
      return .success
    }
  }

  // x̄ = z̄ · 3a·x²: built, not computed.
  func vjp(_ context: VJPContext) -> [Value?] {
    [context.cotangent(0) * (square(context.inputs[0]) * (3 * a))]
  }
}

// Derivatives of any order against central differences in f64.
let point = try Tensor([0.5, -1, 2], shape: [3])
for order in 1...3 {
  let report = try GradientCheck(tolerance: 1e-6, order: order).run(at: [point]) { g, x in
    g.apply(Cubic(a: 2, b: 1), to: x[0])
  }
  print("order \(order):", report.passed ? "passed" : report.description)
}

// Forward mode: how y moves when w moves along v. No rule of Cubic's own is needed for it.
let v = g.input("v", [3, 3], dtype: .float64)
let z: Value = g.apply(Cubic(a: 2, b: 1), to: matmul(x, w))
let slope = g.jvp(of: [z], withRespectTo: [w], tangents: [v])[0]

// Products with a Hessian, and a whole one: here 9 by 9.
let curvature = g.hvp(of: y, withRespectTo: [w], vectors: [v])[0]
let hessian = g.hessian(of: y, withRespectTo: w)

let look = try g.compile(fetching: [slope, curvature, hessian])
let state = ParameterStore(look, seed: 1)
let feeds = [
  x: try Tensor((0..<12).map { Double($0) / 10 - 0.5 }, shape: [4, 3]),
  v: try Tensor((0..<9).map { $0 == 4 ? 1.0 : 0 }, shape: [3, 3]),
]
let seen = try look.run(on: .shared, state, feeding: feeds)
let column = try seen[hessian].elements(Double.self).enumerated().filter { $0.offset % 9 == 4 }.map(\.element)
let product = try seen[curvature].elements(Double.self)
let difference = zip(column, product).map { ($0 - $1).magnitude }.max() ?? 0
print("Hessian's column and product agree:", difference < 1e-12)

// A target that moves with the model is a constant to the gradient.
let target = stopGradient(h)
let distance = sum(square(h - target))
let still = g.gradients(of: distance, withRespectTo: [w])[w]

// A deep net, its blocks of eight layers computed again in the backward pass.
func deepNet(recomputed: Bool) throws -> Plan {
  let g = GraphBuilder()
  var h = g.input("x", [256, 64])
  for block in 0..<8 {
    func layers() -> Value {
      (0..<8).reduce(h) { h, layer in
        tanh(matmul(h, g.parameter("w\(block).\(layer)", [64, 64], initial: .glorotUniform)))
      }
    }
    h = recomputed ? g.recompute(layers) : layers()
  }
  let loss = mean(square(h))
  return try g.compile(fetching: [loss], updating: SGD(learningRate: 0.1).minimizing(loss)).plan
}
let (kept, again) = (try deepNet(recomputed: false), try deepNet(recomputed: true))
print("arena: \(kept.arenaBytes) bytes kept, \(again.arenaBytes) recomputed")

// Gradients scaled down where their norm, taken together, is above 1; optimizers do it with clipNorm.
let clipped = g.clipByGlobalNorm([d[w], d[h]], maximum: 1)
let bounded = try g.compile(fetching: [clipped.norm] + clipped.values + [still])
let norms = try bounded.run(
  on: .shared, state, feeding: [x: try Tensor([Double](repeating: 1, count: 12), shape: [4, 3])])
print("norm before clipping:", try norms[clipped.norm].scalar(Double.self))
