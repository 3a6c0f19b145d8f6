/// The dimensions and constants of a workload: the sizes of the suite, or the reduced ones of a trajectory fixture.
public struct WorkloadConfiguration: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  private var entries: [String: [Double]]

  /// A configuration from its entries; a plain number is a list of one.
  public init(_ entries: [String: [Double]]) { self.entries = entries }

  /// A configuration written as `["dims": [784, 10], "batch": [128]]`.
  public init(dictionaryLiteral elements: (String, [Double])...) {
    entries = Dictionary(elements) { _, last in last }
  }

  /// A number.
  /// - Throws: `WorkloadError.configuration` when there is no single number of this name.
  public func number(_ name: String) throws(WorkloadError) -> Double {
    guard let list = entries[name], list.count == 1 else {
      throw WorkloadError(.configuration, "the configuration needs one number \"\(name)\"")
    }
    return list[0]
  }

  /// A positive whole number.
  /// - Throws: `WorkloadError.configuration` when there is none of this name.
  public func count(_ name: String) throws(WorkloadError) -> Int {
    try WorkloadConfiguration.count(try number(name), name)
  }

  /// A list of positive whole numbers.
  /// - Throws: `WorkloadError.configuration` when there is none of this name.
  public func counts(_ name: String) throws(WorkloadError) -> [Int] {
    guard let list = entries[name], !list.isEmpty else {
      throw WorkloadError(.configuration, "the configuration needs a list \"\(name)\"")
    }
    var result: [Int] = []
    for number in list { result.append(try WorkloadConfiguration.count(number, name)) }
    return result
  }

  private static func count(_ number: Double, _ name: String) throws(WorkloadError) -> Int {
    guard let count = Int(exactly: number), count > 0 else {
      throw WorkloadError(.configuration, "\"\(name)\" must be a positive whole number and is \(number)")
    }
    return count
  }
}

/// Why a workload cannot be built.
public struct WorkloadError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of mistake.
  public struct Code: Hashable, Sendable {
    private let name: String

    private init(_ name: String) { self.name = name }

    /// A dimension or constant is missing or impossible.
    public static let configuration = Code("configuration")
    /// There is no workload of that name.
    public static let unknown = Code("unknown")
  }

  /// The kind of mistake.
  public let code: Code

  /// What is wrong and how to mend it, in a sentence.
  public let description: String

  /// An error of a kind.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
