import Testing
import Tributary
import TributaryWorkloads

/// How many workers the plans of the large workloads can keep busy, T₁/T∞ by the cost model.
@Suite struct ParallelismTests {
  private func plan(_ name: String, _ granularity: Granularity) throws -> Plan {
    let model = try Workload.named(name).model()
    return try model.graph.compile(
      fetching: [model.loss],
      updating: SGD(learningRate: 0.01).minimizing(model.loss, parameters: model.parameters.map(\.value)),
      options: CompileOptions(granularity: granularity)
    ).plan
  }

  @Test(arguments: [("mlp-wide", 9.0), ("inception", 16)])
  func defaultCutsSuffice(_ name: String, _ least: Double) throws {
    let plan = try plan(name, .default)
    #expect(plan.parallelism >= least, "\(plan.summary)")
  }

  @Test(arguments: ["mlp-wide", "cnn", "inception", "transformer"])
  func fineCutsKeepSixteenWorkersBusy(_ name: String) throws {
    let plan = try plan(name, .fine)
    #expect(plan.parallelism >= 16, "\(plan.summary)")
  }

  @Test func narrowerShardsAreOtherPlans() throws {
    var granularity = Granularity.default
    granularity.narrowing = 2
    let (wide, narrow) = (try plan("cnn", .default), try plan("cnn", granularity))
    #expect(narrow.taskCount > wide.taskCount && narrow.fingerprint != wide.fingerprint)
  }
}
