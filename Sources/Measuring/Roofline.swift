/// The work of one call, and how it compares with what the machine can do.
package struct CallWork: Sendable, Hashable {
  /// Floating-point operations.
  package var flops: Double

  /// Bytes of the operands read once and the results written once.
  package var bytes: Double

  /// The work of so many operations and bytes.
  package init(flops: Double, bytes: Double) { (self.flops, self.bytes) = (flops, bytes) }
}

/// The two rates that bound every operator (Williams, Waterman and Patterson 2009, "Roofline").
package struct Roofline: Sendable, Hashable {
  /// Floating-point operations a second.
  package var flopsPerSecond: Double

  /// Bytes a second.
  package var bytesPerSecond: Double

  /// A roofline of these rates.
  package init(flopsPerSecond: Double, bytesPerSecond: Double) {
    (self.flopsPerSecond, self.bytesPerSecond) = (flopsPerSecond, bytesPerSecond)
  }

  /// The least time in which the machine does this work.
  package func seconds(_ work: CallWork) -> Double {
    max(work.flops / flopsPerSecond, work.bytes / bytesPerSecond)
  }

  /// The share of the machine's speed that a call of so many seconds reaches.
  package func share(_ work: CallWork, seconds time: Double) -> Double { seconds(work) / time }
}
