import Testing

@testable import TributaryBench

@Suite struct SchedulerShapeTests {
  /// Tasks, edges and a hash of the edges in order, as printed by a C++ program from the builders of `dag_tbb.cpp`.
  @Test(arguments: [
    ("chain-65536", 65_536, 65_535, 13_178_578_433_498_244_194 as UInt64),
    ("tree-65535", 65_535, 65_534, 16_896_600_287_081_305_356),
    ("wavefront-256", 65_536, 130_560, 226_957_907_247_406_885),
    ("layered-256x256x4", 65_536, 259_572, 7_425_291_935_566_863_915),
    ("independent-65536", 65_536, 0, 14_695_981_039_346_656_037),
    ("small-40", 40, 62, 17_453_351_203_466_575_108),
  ])
  func edgesAreThoseOfThePeersProgram(name: String, tasks: Int, edges: Int, hash: UInt64) throws {
    let shape = try #require(SchedulerShape.all.first { $0.name == name })
    #expect(shape.taskCount == tasks)
    #expect(shape.successors.reduce(0) { $0 + $1.count } == edges)
    var fnv: UInt64 = 14_695_981_039_346_656_037
    for (task, successors) in shape.successors.enumerated() {
      for successor in successors {
        for word in [task, successor] { fnv = (fnv ^ UInt64(word)) &* 1_099_511_628_211 }
      }
    }
    #expect(fnv == hash)
  }

  @Test func thereAreSix() { #expect(SchedulerShape.all.count == 6) }
}
