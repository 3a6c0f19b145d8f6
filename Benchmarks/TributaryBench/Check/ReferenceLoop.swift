internal import Foundation
internal import TributaryMeasuring
internal import TributaryOps

/// A loop of a plain kernel whose speed stands for the machine's at this moment.
enum ReferenceLoop: Sendable, Hashable {
  /// Square f32 products by the fastest library: for what is bound by arithmetic.
  case products(backEnd: String)
  /// The triad over arrays of a size: for what is bound by memory or by calls.
  case triad(ShapeClass)

  private static let side = 512

  /// The back end that is fastest at the loop's products just now.
  static func fastestProducts(seconds: Double) throws -> ReferenceLoop {
    var best = (rate: 0.0, backEnd: "")
    for backEnd in MachineProbe.productBackEnds {
      let loop = ReferenceLoop.products(backEnd: backEnd)
      let rate = try loop.rate(threads: 1, seconds: seconds)
      if rate > best.rate { best = (rate, backEnd) }
    }
    return .products(backEnd: best.backEnd)
  }

  /// The seconds in which so many loops side by side do this work.
  func seconds(_ work: CallWork, threads: Int, measuring seconds: Double) throws -> Double {
    let rate = try rate(threads: threads, seconds: seconds)
    switch self {
    case .products: return work.flops / rate
    case .triad: return work.bytes / rate
    }
  }

  /// Operations or bytes a second of all loops together.
  private func rate(threads: Int, seconds: Double) throws -> Double {
    try SideBySide.run(threads) { _ in try own(threads: threads, seconds: seconds) }.reduce(0, +)
  }

  /// The rate of one of the loops.
  private func own(threads: Int, seconds: Double) throws -> Double {
    switch self {
    case .products(let backEnd):
      let side = ReferenceLoop.side
      var timer = try CallTimer(try MachineProbe.product(by: backEnd, side: side))
      try timer.measure(seconds: seconds)
      return 2e9 * Double(side * side * side) / timer.median
    case .triad(let size):
      let count = size.elementCount / threads
      let arrays = (0..<3).map { _ in
        let array = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        array.initialize(repeating: 1)
        return array
      }
      defer { for array in arrays { array.deallocate() } }
      var timer = try CallTimer {
        MachineProbe.triad(
          arrays[0], UnsafeBufferPointer(arrays[1]), UnsafeBufferPointer(arrays[2]), scale: 0.5)
      }
      try timer.measure(seconds: seconds)
      return Double(12 * count) * 1e9 / timer.median
    }
  }
}
