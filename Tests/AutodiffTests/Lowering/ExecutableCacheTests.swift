import Synchronization
import Testing
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

@Suite(.serialized) struct ExecutableCacheTests {
  /// Sums of squares of so many rows, and what counts the compilations.
  private static func cache(
    byteLimit: Int, compilations: Counter = Counter()
  ) -> ExecutableCache<Shape> {
    ExecutableCache(byteLimit: byteLimit) { (shape, options) throws(GraphError) in
      compilations.next()
      let g = GraphBuilder()
      let x = g.input("x", shape)
      let w = g.parameter("w", [8, 8], initial: .constant(0.5))
      return try g.compile(fetching: [sum(square(matmul(x, w)))], options: options)
    }
  }

  /// The sum for ones: each of the 8 columns is 8 · ½.
  private static func expected(rows: Int) -> Float { Float(rows * 8 * 16) }

  private static func result(_ executable: Executable, rows: Int, _ store: ParameterStore) throws -> Float {
    let x = try Tensor([Float](repeating: 1, count: rows * 8), shape: [rows, 8])
    let executor = try GraphExecutor(workers: 1)
    return try executable.run(on: executor, store, feedingByName: ["x": x]).tensors[0].scalar(Float.self)
  }

  @Test func everyShapeIsCompiledOnceWhileThereIsRoom() throws {
    let compilations = Counter()
    let cache = Self.cache(byteLimit: 1 << 30, compilations: compilations)
    let store = ParameterStore(try cache.executable(for: [1, 8]), seed: 1)
    for _ in 0..<3 {
      for rows in 1...20 {
        let executable = try cache.executable(for: [rows, 8])
        #expect(try Self.result(executable, rows: rows, store) == Self.expected(rows: rows))
      }
    }
    #expect(compilations.count == 20 && cache.count == 20 && cache.statistics.evictions == 0)
    #expect(cache.statistics.compilations == 20 && cache.statistics.hits == 41)
    #expect(cache.keys.first == [20, 8] && cache.keys.last == [1, 8])
    cache.removeAll()
    #expect(cache.count == 0 && cache.byteCount == 0)
  }

  @Test func bytesStayWithinTheBound() throws {
    let one = try Self.cache(byteLimit: 0).executable(for: [1, 8]).residentBytes
    #expect(one > 1000)
    let limit = 10 * one
    let cache = Self.cache(byteLimit: limit)
    let store = ParameterStore(try cache.executable(for: [1, 8]), seed: 1)
    for rows in 1...120 {
      _ = try Self.result(cache.executable(for: [rows, 8]), rows: rows, store)
      #expect(cache.byteCount <= limit && cache.count <= 12)
    }
    #expect(cache.count >= 4 && cache.statistics.evictions == 120 - cache.count)
    #expect(cache.keys == (0..<cache.count).map { [120 - $0, 8] })
  }

  @Test func whatARunLeavesBehindIsCounted() throws {
    let cache = Self.cache(byteLimit: 1 << 30)
    let executable = try cache.executable(for: [4, 8])
    let store = ParameterStore(executable, seed: 1)
    let before = cache.byteCount
    #expect(before == executable.residentBytes)
    _ = try Self.result(executable, rows: 4, store)
    #expect(executable.residentBytes > before)
    _ = try cache.executable(for: [4, 8])
    #expect(cache.byteCount == executable.residentBytes && cache.count == 1)
  }

  @Test func executablesTakenOutStayValidForThoseWhoHoldThem() throws {
    let cache = Self.cache(byteLimit: 0)
    let first = try cache.executable(for: [3, 8])
    let store = ParameterStore(first, seed: 1)
    weak let second = try cache.executable(for: [5, 8])
    #expect(second != nil && cache.keys == [[5, 8]])
    _ = try cache.executable(for: [7, 8])
    #expect(second == nil)
    #expect(try Self.result(first, rows: 3, store) == Self.expected(rows: 3))
    let again = try cache.executable(for: [3, 8])
    #expect(again !== first && again.arenas === first.arenas)
    #expect(try Self.result(again, rows: 3, store) == Self.expected(rows: 3))
  }

  @Test func threadsThatAskAtOnceGetOneExecutable() async throws {
    let compilations = Counter()
    let cache = Self.cache(byteLimit: 1 << 30, compilations: compilations)
    let store = ParameterStore(try cache.executable(for: [1, 8]), seed: 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for step in 0..<40 {
            let rows = 1 + (step * 7 + task) % 10
            let value = try Self.result(cache.executable(for: [rows, 8]), rows: rows, store)
            #expect(value == Self.expected(rows: rows))
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(compilations.count == 10 && cache.count == 10)
    #expect(cache.statistics.hits == 8 * 40 + 1 - 10)
  }

  @Test func threadsThatPushEachOtherOutGetRightResults() async throws {
    let cache = Self.cache(byteLimit: 0)
    let store = ParameterStore(try cache.executable(for: [1, 8]), seed: 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<4 {
        group.addTask {
          for step in 0..<25 {
            let rows = 1 + (step + task) % 3
            let value = try Self.result(cache.executable(for: [rows, 8]), rows: rows, store)
            #expect(value == Self.expected(rows: rows))
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(cache.count == 1)
  }

  @Test func aFailedCompilationIsReportedAndTriedAgain() throws {
    let tries = Counter()
    let cache = ExecutableCache { (rows: Int, options) throws(GraphError) in
      let g = GraphBuilder()
      let x = g.input("x", [rows, tries.next() == 0 ? 7 : 8])
      let w = g.constant(try! Tensor(zeros: TensorType(.float32, [8, 8])))
      return try g.compile(fetching: [matmul(x, w)], options: options)
    }
    let error = #expect(throws: GraphError.self) { try cache.executable(for: 4) }
    #expect(error?.description.contains("f32[4, 7]") == true)
    #expect(cache.count == 0 && cache.byteCount == 0)
    #expect(try cache.executable(for: 4).inputs[0].type.shape == [4, 8])
    #expect(tries.count == 2 && cache.statistics.compilations == 1)
  }
}
