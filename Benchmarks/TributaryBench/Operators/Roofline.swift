/// The work of one call, and how it compares with what the machine can do.
struct CallWork: Sendable, Hashable {
  /// Floating-point operations.
  var flops: Double

  /// Bytes of the operands read once and the results written once.
  var bytes: Double
}

/// The two rates that bound every operator (Williams, Waterman and Patterson 2009, "Roofline").
struct Roofline: Sendable, Hashable {
  /// Floating-point operations a second.
  var flopsPerSecond: Double

  /// Bytes a second.
  var bytesPerSecond: Double

  /// The least time in which the machine does this work.
  func seconds(_ work: CallWork) -> Double {
    max(work.flops / flopsPerSecond, work.bytes / bytesPerSecond)
  }

  /// The share of the machine's speed that a call of so many seconds reaches.
  func share(_ work: CallWork, seconds time: Double) -> Double { seconds(work) / time }
}
