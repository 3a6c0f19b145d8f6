import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

@Suite struct PlanTests {
  @Test func largeWorkloadsCanKeepFourWorkersBusy() throws {
    let wide = try Executable(graph: Model.perceptron([1024, 2048, 2048, 1024], batch: 256).graph).plan
    #expect(wide.parallelism >= 4, "\(wide.summary)")
    let seed = try Executable(graph: Model.seedDAG(512, columns: 512).graph).plan
    #expect(seed.parallelism >= 4, "\(seed.summary)")
  }

  @Test func membersOfAnEnsembleStayParallel() throws {
    let plan = try Executable(graph: Model.ensemble(8).graph).plan
    #expect(plan.parallelism >= 4, "\(plan.summary)")
  }

  @Test func smallGraphsBecomeFewTasks() throws {
    let plan = try Executable(graph: Model.seedDAG(5).graph).plan
    #expect(plan.taskCount <= 4, "\(plan.text)")
  }

  @Test func fingerprintsTellPlansApart() throws {
    let model = try Model.seedDAG(5)
    let plan = try Executable(graph: model.graph).plan
    let again = try Executable(graph: Model.seedDAG(5).graph).plan
    let other = try Executable(graph: Model.seedDAG(6).graph).plan
    let finer = try Executable(graph: model.graph, options: CompileOptions(granularity: .finest)).plan
    #expect(plan.fingerprint == again.fingerprint)
    #expect(Set([plan, other, finer].map(\.fingerprint)).count == 3)
    #expect(plan.fingerprint.count == 32)
  }

  @Test func plansAreTheSameEveryTime() throws {
    let a = try Executable(graph: Model.perceptron([64, 512, 512, 10], batch: 128).graph).plan
    let b = try Executable(graph: Model.perceptron([64, 512, 512, 10], batch: 128).graph).plan
    #expect(a.text == b.text)
    #expect(a.json == b.json)
  }

  @Test func shardsFollowShapesAlone() throws {
    let plan = try Executable(graph: Model.seedDAG(512, columns: 512).graph).plan
    let products = plan.graph.steps.indices.filter { plan.graph.steps[$0].applied is MatMul }
    #expect(!products.isEmpty)
    for step in products {
      let regions = plan.units.units[step].compactMap { plan.units.region(of: $0) }
      #expect(regions.count == 8, "2 × 256 columns and 4 × 128 rows")
      #expect(regions.reduce(0) { $0 + $1.elementCount } == 512 * 512)
      for (index, a) in regions.enumerated() {
        for b in regions[(index + 1)...] { #expect(!a.overlaps(b)) }
      }
    }
  }
}
