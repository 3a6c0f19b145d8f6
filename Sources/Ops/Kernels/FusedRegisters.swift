/// Which block of scratch memory each step's result takes: a block is free again after the last step that reads it.
struct FusedRegisters {
  /// The register of each step; nil for outputs, which lie in memory.
  private(set) var register: [Int?]

  /// How many there are.
  private(set) var count = 0

  /// Elements of a block: a multiple of a cache line, so many that all registers fit the first cache but not so few that
  /// a step's call costs as much as its loop, and a whole row where rows are reduced.
  let blockElements: Int

  /// Bytes of a register.
  let registerBytes: Int

  /// Bytes that all registers take together.
  var byteCount: Int { count * registerBytes }

  /// Bytes that the registers should not exceed: a small first cache.
  private static let budget = 32 << 10

  init(_ fused: Fused, _ types: FusedTypes) {
    let steps = fused.steps
    var lastUse = Array(steps.indices)
    for (index, step) in steps.enumerated() {
      for case .result(let number) in step.inputs { lastUse[number] = index }
    }
    register = Array(repeating: nil, count: steps.count)
    var free: [Int] = []
    for index in steps.indices {
      if !fused.outputs.contains(index) {
        register[index] = free.popLast() ?? count
        count = max(count, register[index]! + 1)
      }
      // Only now: the result must not lie where an operand of another size is still read.
      for number in 0...index where lastUse[number] == index {
        if let done = register[number] { free.append(done) }
      }
    }
    let size = types.results.map(\.dtype.byteCount).max() ?? 8
    let most = FusedRegisters.budget / (max(count, 1) * size)
    let row = types.hasColumns ? types.shape[types.shape.rank - 1] : 0
    blockElements = max(min(max(most / 64 * 64, 1024), 4096), row)
    registerBytes = (blockElements * size + 63) / 64 * 64
  }
}
