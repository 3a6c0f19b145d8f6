import Foundation
import Tributary

// Points of three arms of a spiral; even ones to learn from, odd ones to be judged by.
func spiral(_ parity: Int) throws -> TensorDataSet {
  var (points, classes): ([Float], [Int32]) = ([], [])
  for index in stride(from: parity, to: 600, by: 2) {
    let (arm, radius) = (index % 3, Float(index) / 600)
    let angle = radius * 4 + Float(arm) * 2.1 + 0.2 * sin(Float(index * index))
    points += [radius * cos(angle), radius * sin(angle)]
    classes.append(Int32(arm))
  }
  return try TensorDataSet([
    Tensor(points, shape: [classes.count, 2]), Tensor(classes, shape: [classes.count]),
  ])
}
let (samples, others) = (try spiral(0), try spiral(1))

let model = Sequential {
  Linear(2, 32)
  Tanh()
  Linear(32, 32)
  Tanh()
  Linear(32, 3)
}
let objective = Objective(model, input: [2], loss: .softmaxCrossEntropy)
let trainer = try Trainer(
  objective, batchSize: 50, optimizer: Adam(learningRate: 0.01), executor: .shared, seed: 1)
for epoch in 1...30 {
  let seen = try trainer.runEpoch(over: samples.shuffled(seed: 1, epoch: epoch).batches(of: 50))
  if epoch % 10 == 0 { print("epoch \(epoch): loss \(seen.loss)") }
}

// Nothing is updated here, and layers such as Dropout and BatchNorm do what they do in inference.
let judged = try trainer.evaluate(over: others.batches(of: 100))
print("nine of ten right: \(judged.accuracy.map { $0 > 0.9 } ?? false)")

// A checkpoint holds all of the training, and a trainer that is set to it goes on with the same bits.
let path = NSTemporaryDirectory() + "spiral-\(ProcessInfo.processInfo.processIdentifier).safetensors"
defer { try? FileManager.default.removeItem(atPath: path) }
try trainer.checkpoint(settings: ["model": "spiral"]).write(to: path)
let again = try Trainer(
  objective, batchSize: 50, optimizer: Adam(learningRate: 0.01), executor: GraphExecutor(workers: 2),
  seed: 2)
try again.restore(Checkpoint(contentsOf: path))
for one in [trainer, again] {
  try one.runEpoch(over: samples.shuffled(seed: 1, epoch: 31).batches(of: 50))
}
print("the same bits: \(try trainer.store.parametersDigest() == again.store.parametersDigest())")

// A graph for answers alone, which reads the parameters by their names.
let g = GraphBuilder()
let x = g.input("x", [1, 2])
model.declareParameters(in: g)
let probabilities = softmax(LayerMode.inference { model(x) })
let answer = try g.compile(fetching: [probabilities])
let parameters = ParameterStore(answer, seed: 0)
try parameters.restore(SafeTensors(contentsOf: path))
let seen = try answer.run(
  on: .shared, parameters, feeding: [x: Tensor([0.1, -0.4] as [Float], shape: [1, 2])])
print("probabilities: \(seen.tensors[0].type)")

/// y = x + f(x), f two affine maps with a squashing between them, and a learned weight for f.
struct Residual: Layer {
  let first: Linear
  let second: Linear
  let gate: Parameter

  init(_ width: Int) {
    first = Linear(width, 2 * width)
    second = Linear(2 * width, width)
    gate = Parameter([], initial: .constant(0.1))
  }

  func callAsFunction(_ x: Value) -> Value {
    x + second(tanh(first(x))) * gate.value(in: x.builder)
  }
}

// What output and target are compared by.
let huber = Loss("Huber") { huberLoss($0, $1, delta: 0.5) }

/// p −= lr·sign(m), m = β·m + (1 − β)·g.
struct SignDescent: Optimizer {
  let learningRate: LearningRateSchedule
  let beta: Double

  var name: String { "sign" }

  func update(_ step: ParameterStep, _ update: inout Update) {
    let average = step.moment("average")
    let next = average * beta + step.gradient * (1 - beta)
    update.assign(average, next)
    update.assign(step.parameter, step.parameter - sign(next) * step.rate)
  }
}

// A curve: the target is a function of the input.
let inputs = (0..<256).map { Float($0) / 128 - 1 }
let curve = try TensorDataSet([
  Tensor(inputs, shape: [256, 1]), Tensor(inputs.map { sin(3 * $0) }, shape: [256, 1]),
])
let fitter = try Trainer(
  Sequential {
    Linear(1, 16)
    for _ in 0..<2 { Residual(16) }
    Linear(16, 1)
  },
  input: [64, 1], loss: huber,
  optimizer: SignDescent(learningRate: .cosine(peak: 0.003, floor: 0, total: 400), beta: 0.9),
  executor: .shared, seed: 1)
var fit = PassStatistics()
for epoch in 1...100 {
  fit = try fitter.runEpoch(over: curve.shuffled(seed: 1, epoch: epoch).batches(of: 64))
}
print("fitted: \(fit.loss < 0.001)")
print(fitter.store.names.filter { $0.contains("gate") })
