/// How many bytes a second several cores can stream together.
struct MemoryBandwidth: Codable, Sendable, Equatable {
  /// Bytes a second of one core.
  let alone: Double
  /// Bytes a second of as many cores at once as were measured.
  let together: Double
  /// How many these were.
  let cores: Int
  /// What memory can give at most, however many cores ask; nil where nothing is known.
  let limit: Double?

  /// Bytes a second of a number of streams: between one core and those measured in proportion, beyond as if every further core
  /// brought its share of memory with it, up to the limit.
  func rate(streams: Double) -> Double {
    let free: Double
    if cores > 1, streams < Double(cores) {
      let share = max(0, streams - 1) / Double(cores - 1)
      free = alone + (together - alone) * share
    } else {
      free = together * streams / Double(cores)
    }
    return min(free, limit ?? .infinity)
  }
}
