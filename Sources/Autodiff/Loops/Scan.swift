internal import TributaryOps

/// A body run once for each position of an axis, handing values from each step to the next.
///
/// Inputs: the first values of the carried ones; the inputs, stacked along a new leading axis of `length`; what the body
/// uses from around it, the same in every step. Outputs: the last values of the carried ones; the body's outputs, stacked;
/// and, if kept, the carried values before each step, stacked, which the derivative needs.
struct Scan: Operator {
  /// The body: from carried values, one slice of each input and captured values to carried values and outputs.
  let body: BodyPlan
  /// How many steps.
  let length: Int
  /// Whether the steps go from the last slice to the first.
  let isReversed: Bool
  /// How many values are carried.
  let carriedCount: Int
  /// How many inputs are sliced.
  let slicedCount: Int
  /// Whether the carried values before each step are kept.
  var keepsCarried: Bool

  var name: String { "scan" }

  var attributes: [Attribute] {
    [
      Attribute("length", length), Attribute("reverse", isReversed), Attribute("carried", carriedCount),
      Attribute("sliced", slicedCount), Attribute("keeps_carried", keepsCarried),
      Attribute("body", body.fingerprint),
    ]
  }

  /// How many outputs of the body are stacked.
  var stackedCount: Int { body.outputTypes.count - carriedCount }

  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try body.check(inputs, sliced: carriedCount..<carriedCount + slicedCount, length: length, name)
    return Array(body.outputTypes.prefix(carriedCount))
      + body.outputTypes.dropFirst(carriedCount).map { $0.stacked(length) }
      + (keepsCarried ? body.inputTypes.prefix(carriedCount).map { $0.stacked(length) } : [])
  }

  func cost(_ signature: Signature) -> Cost { body.cost.repeated(length) }

  var canFault: Bool { body.canFault }

  /// Where carried values rest between steps when they are not kept: each has two places, one of them the output.
  func scratchBytes(_ signature: Signature, region: Region) -> Int {
    keepsCarried ? 0 : body.offsets(ofFirst: carriedCount).end
  }

  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let loop = ScanLoop(self)
    return Kernel(implementation: "plan") { loop.run($0) }
  }
}

extension Scan: TrimmableOperator {
  /// Without the carried values before each step.
  func trimmed(toOutputs count: Int) -> (any Operator)? {
    guard keepsCarried, count <= carriedCount + stackedCount else { return nil }
    var result = self
    result.keepsCarried = false
    return result
  }
}

/// The steps of a scan as a loop over raw memory.
private final class ScanLoop: Sendable {
  private let body: BodyPlan
  private let length: Int
  private let isReversed: Bool
  private let keepsCarried: Bool
  private let carried: Int
  private let sliced: Int
  private let inputBytes: [Int]
  private let outputBytes: [Int]
  private let offsets: [Int]

  init(_ scan: Scan) {
    body = scan.body
    length = scan.length
    isReversed = scan.isReversed
    keepsCarried = scan.keepsCarried
    carried = scan.carriedCount
    sliced = scan.slicedCount
    inputBytes = scan.body.inputTypes.map(\.byteCount)
    outputBytes = scan.body.outputTypes.map(\.byteCount)
    offsets = scan.body.offsets(ofFirst: scan.carriedCount).each
  }

  func run(_ arguments: KernelArguments) -> KernelStatus {
    let pointers = arguments.pointers
    let outputs = pointers + inputBytes.count
    if length == 0 {
      for index in 0..<carried {
        outputs[index].copyMemory(from: pointers[index], byteCount: inputBytes[index])
      }
      return .success
    }
    let run = body.begin()
    for index in carried + sliced..<inputBytes.count { run.feed(index, pointers[index]) }
    return withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: outputBytes.count) {
      targets in
      guard let targets = targets.baseAddress else { return .success }
      for step in 0..<length {
        let position = isReversed ? length - 1 - step : step
        for index in 0..<carried {
          let source = place(of: index, beforeStep: step, arguments)
          if step == 0, source != pointers[index] {
            source.copyMemory(from: pointers[index], byteCount: inputBytes[index])
          }
          run.feed(index, source)
          (targets + index).initialize(to: place(of: index, beforeStep: step + 1, arguments))
        }
        for index in carried..<carried + sliced {
          run.feed(index, pointers[index] + position * inputBytes[index])
        }
        for index in carried..<outputBytes.count {
          (targets + index).initialize(to: outputs[index] + position * outputBytes[index])
        }
        let status = run.run(into: targets)
        if status != .success { return status }
      }
      return .success
    }
  }

  /// Where a carried value lies before a step; after the last one, in its output.
  private func place(of index: Int, beforeStep step: Int, _ arguments: KernelArguments)
    -> UnsafeMutableRawPointer
  {
    let outputs = arguments.pointers + inputBytes.count
    if step == length { return outputs[index] }
    if keepsCarried {
      let position = isReversed ? length - 1 - step : step
      return outputs[outputBytes.count + index] + position * inputBytes[index]
    }
    if step == 0 { return arguments.pointers[index] }
    return (length - step) % 2 == 0 ? outputs[index] : arguments.scratch + offsets[index]
  }
}
