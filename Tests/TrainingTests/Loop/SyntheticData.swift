import TributaryOps
import TributaryScheduler

@testable import TributaryTraining

/// Points of the plane in three classes that a small network tells apart.
enum SyntheticData {
  static func classes(_ count: Int, seed: UInt64 = 1) throws -> TensorDataSet {
    var generator = SplitMix64(seed)
    var points: [Float] = []
    var labels: [Int32] = []
    let centres: [(Float, Float)] = [(2, 0), (-1, 1.7), (-1, -1.7)]
    for _ in 0..<count {
      let label = generator.next(below: 3)
      labels.append(Int32(label))
      let noise = (0..<2).map { _ in Float(generator.next(below: 1001)) / 500 - 1 }
      points += [centres[label].0 + noise[0], centres[label].1 + noise[1]]
    }
    return try TensorDataSet([Tensor(points, shape: [count, 2]), Tensor(labels, shape: [count])])
  }

  static func model() -> Sequential {
    Sequential {
      Linear(2, 16)
      Tanh()
      Linear(16, 3)
    }
  }

  static func trainer(
    batch: Int = 16, workers: Int = 2, optimizer: any Optimizer = Adam(learningRate: 0.02), seed: UInt64 = 1
  ) throws -> Trainer {
    try Trainer(
      model(), input: [batch, 2], loss: .softmaxCrossEntropy, optimizer: optimizer,
      executor: GraphExecutor(workers: workers), seed: seed)
  }

  /// The bytes of every state.
  static func bytes(_ trainer: Trainer) throws -> [[UInt8]] {
    try trainer.store.safeTensors().entries.map { $0.tensor.withUnsafeBytes { Array($0) } }
  }
}
