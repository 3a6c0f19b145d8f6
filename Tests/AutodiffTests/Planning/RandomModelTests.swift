import Glibc
import Testing
import TributaryOps
import TributaryScheduler
import TributaryTestSupport

@testable import TributaryAutodiff

/// Random operator graphs with shared weights, in float64.
///
/// `TRIBUTARY_LONG_TESTS=1` takes 1,000 graphs and 100 orders of each.
@Suite(.serialized) struct RandomModelTests {
  static let isLong = getenv("TRIBUTARY_LONG_TESTS").map { String(cString: $0) } == "1"
  static let seeds: ClosedRange<UInt64> = isLong ? 1...1000 : 1...40
  static let orders = isLong ? 100 : 10

  @Test(arguments: [Granularity.default, .finest])
  func valuesGradientsAndOrdersAgree(_ granularity: Granularity) throws {
    for seed in RandomModelTests.seeds {
      let model = try RandomModel(seed: seed, size: 4 + Int(seed % 24))
      let graph = try model.builder.graph(fetching: model.fetches, updating: model.update)
      let executable = try Executable(
        graph: graph, fetching: model.fetches, options: CompileOptions(granularity: granularity))
      #expect(executable.plan.complaints.isEmpty, "seed \(seed)")

      let store = ParameterStore(executable, seed: seed)
      let start = try store.snapshot()
      let feeds = Dictionary(uniqueKeysWithValues: model.feeds.map { ($0.key.name, $0.value) })
      let expected = try GraphInterpreter(graph).run(feeding: feeds, states: start)

      var first: [[UInt8]]?
      for executor in Executors.all {
        try store.restore(start)
        let outputs = try executable.run(on: executor, store, feeding: model.feeds)
        for (ours, theirs) in zip(outputs.tensors, expected.fetches) {
          #expect(try ours.isClose(to: theirs, absolute: 1e-10, relative: 1e-9), "seed \(seed)")
        }
        for (name, tensor) in expected.states {
          #expect(try store.tensor(named: name).isClose(to: tensor, absolute: 1e-10, relative: 1e-9))
        }
        let bytes = outputs.tensors.map(\.bytes)
        if let first { #expect(first == bytes, "seed \(seed) at \(executor.workerCount) threads") }
        first = first ?? bytes
      }
      var random = SplitMix64(seed: seed)
      for _ in 0..<RandomModelTests.orders {
        try store.restore(start)
        let order = executable.plan.randomOrder(using: &random)
        let tensors = try executable.run(inOrder: order, store, feeding: feeds)
        #expect(tensors.map(\.bytes) == first, "seed \(seed), order \(order)")
      }
    }
  }

  @Test func gradientsMatchDifferences() throws {
    for seed in RandomModelTests.seeds {
      let model = try RandomModel(seed: seed, size: 4 + Int(seed % 12))
      let fetches = [model.loss] + model.gradients
      let executable = try Executable(
        graph: try model.builder.graph(fetching: fetches), fetching: fetches, options: CompileOptions())
      let store = ParameterStore(executable, seed: seed)
      let prepared = try executable.prepare(on: Executors.one, store)
      for (value, tensor) in model.feeds { try prepared.feed(value, tensor) }
      try prepared.run()
      var random = SplitMix64(seed: seed)
      for (weight, gradient) in zip(model.weights, model.gradients) {
        let slopes = try prepared.tensor(gradient).elements(Double.self)
        let start = try store.tensor(named: weight.name)
        let element = Int.random(in: 0..<weight.shape.elementCount, using: &random)
        func loss(_ shift: Double) throws -> Double {
          var moved = try start.elements(Double.self)
          moved[element] += shift
          try store.setTensor(Tensor(moved, shape: weight.shape), named: weight.name)
          try prepared.run()
          return try prepared.scalar(model.loss)
        }
        let step = 1e-5
        let difference = try (loss(step) - loss(-step)) / (2 * step)
        try store.setTensor(start, named: weight.name)
        try prepared.run()
        #expect(
          (difference - slopes[element]).magnitude <= 1e-6
            * max(1, difference.magnitude, slopes[element].magnitude),
          "seed \(seed), \(weight.name)[\(element)]: \(slopes[element]) and by differences \(difference)")
      }
    }
  }
}
