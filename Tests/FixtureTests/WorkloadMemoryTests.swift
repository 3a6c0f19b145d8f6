import Testing
import Tributary
import TributaryWorkloads

/// The memory of the suite's workloads, at the suite's sizes.
@Suite(.serialized) struct WorkloadMemoryTests {
  private struct Step {
    let model: WorkloadModel
    let executable: Executable

    init(_ name: String, budget: Int? = nil, width: Int = 32) throws {
      model = try Workload.named(name).model()
      executable = try model.graph.compile(
        fetching: [model.loss],
        updating: SGD(learningRate: 0.01).minimizing(
          model.loss, parameters: model.parameters.map(\.value)),
        options: CompileOptions(memoryBudget: budget, referenceWidth: width))
    }

    func prepare(threads: Int) throws -> PreparedRun {
      let run = try executable.prepare(
        on: GraphExecutor(workers: threads), ParameterStore(executable, seed: 3))
      for (value, tensor) in try model.sampleInputs(seed: 5) { try run.feed(value, tensor) }
      return run
    }

    /// The loss and the new parameters of one step.
    func bits(threads: Int) throws -> [[UInt8]] {
      let store = ParameterStore(executable, seed: 3)
      let outcome = try executable.run(
        on: GraphExecutor(workers: threads), store, feeding: try model.sampleInputs(seed: 5))
      let states = try model.parameters.map { try store.tensor(named: $0.name) }
      return try ([outcome[model.loss]] + states).map { $0.withUnsafeBytes { Array($0) } }
    }
  }

  @Test(
    "what a plan foretells is what is allocated, within 5 %, on every workload",
    arguments: Workload.suite.map(\.name))
  func foretold(_ name: String) throws {
    let step = try Step(name)
    for threads in [1, 2] {
      let run = try step.prepare(threads: threads)
      _ = try run.run()
      let planned = step.executable.plan.memory(workers: threads)
      let counted = run.memory
      #expect(abs(Double(counted.total) / Double(planned.total) - 1) <= 0.05, "\(planned) | \(counted)")
      for part in [\MemoryUse.arena, \.state, \.feeds, \.scratch] {
        #expect(counted[keyPath: part] >= planned[keyPath: part], "\(planned) | \(counted)")
      }
    }
    #expect(step.executable.plan.peakBytes == step.executable.plan.memory(workers: 1).total)
  }

  @Test(
    "the transformer and the images' net within a budget below what narrowing reaches: same bits",
    arguments: [("transformer", 0.6), ("cnn", 0.92)])
  func budget(_ name: String, share: Double) throws {
    let free = try Step(name)
    let narrow = try Step(name, width: 1).executable.plan
    let budget = narrow.peakBytes - Int(Double(narrow.arenaBytes) * (1 - share))
    let fitted = try Step(name, budget: budget)
    #expect(fitted.executable.plan.peakBytes <= budget)
    #expect(fitted.executable.plan.recomputedCount > 0)
    let want = try free.bits(threads: 1)
    for threads in [1, 3] { #expect(try fitted.bits(threads: threads) == want) }
  }
}
