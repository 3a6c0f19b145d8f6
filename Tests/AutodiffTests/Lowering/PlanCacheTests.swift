import Testing

@testable import TributaryAutodiff

@Suite struct PlanCacheTests {
  @Test func whatWasUsedLongestAgoGoesFirst() {
    var cache = PlanCache<String, Int>(byteLimit: 100)
    #expect(cache.keep(1, for: "a", byteCount: 40).isEmpty)
    #expect(cache.keep(2, for: "b", byteCount: 40).isEmpty)
    #expect(cache.use("a") == 1 && cache.use("c") == nil)
    #expect(cache.keys == ["a", "b"])
    #expect(cache.keep(3, for: "c", byteCount: 30) == [2])
    #expect(cache.keys == ["c", "a"] && cache.byteCount == 70 && cache.count == 2)
    #expect(cache.keep(4, for: "d", byteCount: 100) == [1, 3])
    #expect(cache.keys == ["d"] && cache.byteCount == 100)
  }

  @Test func theOneUsedLastStaysWhateverItsSize() {
    var cache = PlanCache<Int, String>(byteLimit: -5)
    #expect(cache.byteLimit == 0)
    #expect(cache.keep("large", for: 1, byteCount: 1 << 40).isEmpty)
    #expect(cache.use(1) == "large")
    #expect(cache.keep("next", for: 2, byteCount: 1) == ["large"])
    #expect(cache.keys == [2])
  }

  @Test func aKeyKeptAgainTakesItsNewSize() {
    var cache = PlanCache<Int, Int>(byteLimit: 10)
    cache.keep(1, for: 1, byteCount: 4)
    cache.keep(2, for: 2, byteCount: 4)
    #expect(cache.keep(3, for: 1, byteCount: 6).isEmpty)
    #expect(cache.byteCount == 10 && cache.use(1) == 3 && cache.count == 2)
    #expect(cache.remove(2) == 2 && cache.remove(2) == nil)
    #expect(cache.byteCount == 6 && cache.keys == [1])
  }

  /// Against a list that is searched from end to end.
  @Test func agreesWithAPlainList() {
    var numbers = SystemRandomNumberGenerator()
    var cache = PlanCache<Int, Int>(byteLimit: 60)
    var list: [(key: Int, element: Int, bytes: Int)] = []
    for step in 0..<20_000 {
      let key = Int.random(in: 0..<24, using: &numbers)
      let index = list.firstIndex { $0.key == key }
      switch Int.random(in: 0..<8, using: &numbers) {
      case 0:
        #expect(cache.remove(key) == index.map { list.remove(at: $0).element })
      case 1...3:
        #expect(cache.use(key) == index.map { list[$0].element })
        if let index { list.insert(list.remove(at: index), at: 0) }
      default:
        let bytes = Int.random(in: 0..<20, using: &numbers)
        if let index { list.remove(at: index) }
        list.insert((key, step, bytes), at: 0)
        var gone: [Int] = []
        while list.count > 1, list.reduce(0, { $0 + $1.bytes }) > 60 {
          gone.append(list.removeLast().element)
        }
        #expect(cache.keep(step, for: key, byteCount: bytes) == gone)
      }
      #expect(cache.keys == list.map(\.key) && cache.byteCount == list.reduce(0) { $0 + $1.bytes })
    }
  }
}
