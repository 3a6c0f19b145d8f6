public import TributaryOps
public import TributaryScheduler

/// What a run hands back.
public struct Outputs: Sendable {
  /// The fetched tensors, in the order of the fetches.
  public let tensors: [Tensor]

  /// Times and counts of the run.
  public let report: RunReport

  let keys: FetchKeys

  /// A fetched value.
  /// - Throws: `RunError` with code `unknownFetch` when the value was not fetched.
  public subscript(value: Value) -> Tensor {
    get throws(RunError) { tensors[try keys.position(of: value)] }
  }
}

/// Which fetch hands back which value.
final class FetchKeys: Sendable {
  private let position: [Value: Int]

  init(_ values: [Value]) {
    position = Dictionary(values.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The first fetch of a value.
  func position(of value: Value) throws(RunError) -> Int {
    guard let found = position[value] else {
      let name = value.isAfterStep ? "\(value.name).afterStep" : value.name
      throw RunError(
        .unknownFetch, "'\(name)' \(value.type) was not fetched; name it in the compilation's `fetching`")
    }
    return found
  }
}
