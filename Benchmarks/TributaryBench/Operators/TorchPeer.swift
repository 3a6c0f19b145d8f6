internal import Foundation

/// PyTorch in a process of its own, which prepares a call and times it when told to, so that both sides take turns.
final class TorchPeer {
  /// The program, from the repository's root.
  static let program = "Benchmarks/Peers/operators_torch.py"

  private let process = Process()
  private let requests = Pipe()
  private let answers = Pipe()
  private var unread = Data()

  /// PyTorch's version, known after the first call is prepared.
  private(set) var version = ""

  /// Starts the program with an interpreter that has PyTorch.
  /// - Throws: `BenchError` when there is no such program or interpreter.
  init(python: String) throws {
    guard FileManager.default.fileExists(atPath: TorchPeer.program) else {
      throw BenchError("there is no \(TorchPeer.program); run from the repository's root")
    }
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, TorchPeer.program]
    var environment = ProcessInfo.processInfo.environment
    // Keep what is freed: a call that maps fresh pages for its result measures the kernel of the system.
    environment["MALLOC_MMAP_MAX_"] = "0"
    environment["MALLOC_TRIM_THRESHOLD_"] = "\(1 << 40)"
    process.environment = environment
    process.standardInput = requests
    process.standardOutput = answers
    do { try process.run() } catch { throw BenchError("\(python) cannot be run: \(error)") }
  }

  deinit { process.terminate() }

  /// One request as JSON.
  struct Request: Encodable {
    struct Operand: Encodable {
      let shape: [Int]
      let fill: String
      let below: Int
      let layout: String
    }

    var threads: Int
    var call: String
    var inputs: [Operand]
    var gradient: [Int]

    /// The request that prepares a case.
    init(_ measured: OperatorCase, threads: Int) {
      self.threads = threads
      call = measured.subject.call
      gradient = measured.isGradient ? measured.subject.differentiable : []
      inputs = measured.subject.inputs(measured.size).map {
        Operand(shape: $0.shape, fill: $0.fill.rawValue, below: $0.below, layout: $0.layout.rawValue)
      }
    }
  }

  private struct Answer: Decodable {
    var version: String?
    var ns: [Double]?
    var error: String?
  }

  /// Prepares a call and warms it up.
  /// - Throws: `BenchError` with PyTorch's message.
  func prepare(_ measured: OperatorCase, threads: Int) throws {
    version = try ask(Request(measured, threads: threads), measured.title).version ?? version
  }

  /// Times the call prepared last: nanoseconds of a call, one number a batch.
  func measure(seconds: Double) throws -> [Double] {
    try ask(["seconds": seconds], "timing").ns ?? []
  }

  private func ask(_ request: some Encodable, _ subject: String) throws -> Answer {
    requests.fileHandleForWriting.write(try JSONEncoder().encode(request) + Data("\n".utf8))
    while !unread.contains(UInt8(ascii: "\n")) {
      let more = answers.fileHandleForReading.availableData
      guard !more.isEmpty else {
        throw BenchError("\(TorchPeer.program) ended; does the interpreter have PyTorch?")
      }
      unread += more
    }
    let end = unread.firstIndex(of: UInt8(ascii: "\n")) ?? unread.endIndex
    let answer = try JSONDecoder().decode(Answer.self, from: unread[..<end])
    unread = Data(unread[(end + 1)...])
    if let error = answer.error { throw BenchError("PyTorch, \(subject): \(error)") }
    return answer
  }
}
