internal import TributaryOps

/// A body run once for each position of an axis, each step on its own, so that the axis may be cut.
///
/// Inputs: those whose slices the body takes, stacked along a leading axis of `length`; what the body uses from around it. Outputs:
/// the body's outputs, stacked.
struct MapLoop: Operator {
  /// The body: from one slice of each input and captured values to outputs; at least one.
  let body: BodyPlan
  /// How many steps.
  let length: Int
  /// How many inputs are sliced.
  let slicedCount: Int

  var name: String { "map" }

  var attributes: [Attribute] {
    [Attribute("length", length), Attribute("sliced", slicedCount), Attribute("body", body.fingerprint)]
  }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try body.check(inputs, sliced: 0..<slicedCount, length: length, name)
    return body.outputTypes.map { $0.stacked(length) }
  }

  func cost(_ signature: Signature) -> Cost { body.cost.repeated(length) }

  var canFault: Bool { body.canFault }

  func splitAxes(_ signature: Signature) -> [SplitAxis] { length > 1 ? [SplitAxis(0)] : [] }

  func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let whole = Region(whole: signature.inputs[index].shape)
    return index < slicedCount ? whole.replacing(axis: 0, with: region[0]) : whole
  }

  func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    Region(whole: signature.outputs[index].shape).replacing(axis: 0, with: region[0])
  }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let steps = MapSteps(self, region[0])
    return Kernel(implementation: "plan") { steps.run($0) }
  }
}

/// Some of the steps of a map as a loop over raw memory.
private final class MapSteps: Sendable {
  private let body: BodyPlan
  private let positions: Range<Int>
  private let slicedCount: Int
  private let inputBytes: [Int]
  private let outputBytes: [Int]

  init(_ map: MapLoop, _ positions: Range<Int>) {
    body = map.body
    self.positions = positions
    slicedCount = map.slicedCount
    inputBytes = map.body.inputTypes.map(\.byteCount)
    outputBytes = map.body.outputTypes.map(\.byteCount)
  }

  func run(_ arguments: KernelArguments) -> KernelStatus {
    if positions.isEmpty { return .success }
    let pointers = arguments.pointers
    let outputs = pointers + inputBytes.count
    let run = body.begin()
    for index in slicedCount..<inputBytes.count { run.feed(index, pointers[index]) }
    return withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: outputBytes.count) {
      targets in
      guard let targets = targets.baseAddress else { return .success }
      for position in positions {
        for index in 0..<slicedCount { run.feed(index, pointers[index] + position * inputBytes[index]) }
        for index in outputBytes.indices {
          (targets + index).initialize(to: outputs[index] + position * outputBytes[index])
        }
        let status = run.run(into: targets)
        if status != .success { return status }
      }
      return .success
    }
  }
}
