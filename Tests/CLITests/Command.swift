import Foundation
import Testing
import TributaryTestSupport

/// The built `tributary` command, or another program of the package, as a user runs it.
struct Command {
  /// How a run ended.
  struct Result {
    var status: Int32
    var output: String
    var errors: String

    /// The last line of standard output.
    var lastLine: String { output.split(separator: "\n").last.map(String.init) ?? "" }
  }

  /// The executable stands beside the program that runs the tests.
  private static func executable(_ name: String) throws -> URL {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    var folder = URL(fileURLWithPath: own).deletingLastPathComponent()
    // A helper of the toolchain may run the tests; then the bundle's path is among the arguments.
    for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
      folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
    }
    let executable = folder.appendingPathComponent(name)
    try #require(FileManager.default.isExecutableFile(atPath: executable.path), "no \(executable.path)")
    return executable
  }

  /// Starts the command.
  static func start(
    _ arguments: [String], of name: String = "tributary", environment: [String: String] = [:]
  ) throws -> RunningCommand {
    let process = Process()
    process.executableURL = try executable(name)
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment
    for name in ["TRIBUTARY_THREADS", "TRIBUTARY_FASHION_MNIST", "OMP_NUM_THREADS"] { variables[name] = nil }
    process.environment = variables.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    return try RunningCommand(process)
  }

  /// Runs the command to its end.
  static func run(
    _ arguments: [String], of name: String = "tributary", environment: [String: String] = [:]
  ) throws -> Result {
    try start(arguments, of: name, environment: environment).wait()
  }
}

/// A command that has been started; what it prints goes to files, so that no pipe fills up.
final class RunningCommand {
  let process: Process
  private let folder: TemporaryFolder

  init(_ process: Process) throws {
    self.process = process
    folder = try TemporaryFolder()
    for name in ["output", "errors"] { try folder.write([], to: name) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("output")))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("errors")))
    try process.run()
  }

  /// What it has printed to standard error so far.
  var errors: String { (try? String(contentsOfFile: folder.path("errors"), encoding: .utf8)) ?? "" }

  /// Waits for the end.
  func wait() throws -> Command.Result {
    process.waitUntilExit()
    return Command.Result(
      status: process.terminationStatus,
      output: try String(contentsOfFile: folder.path("output"), encoding: .utf8),
      errors: errors)
  }
}

extension TemporaryFolder {
  /// The lines of a file, each read as a JSON object.
  func jsonLines(_ name: String) throws -> [[String: Any]] {
    try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }
}

/// Folders of small images that can be told apart: a bright band whose height gives the class.
enum SmallImages {
  /// Writes the four files of a folder of 8 × 8 images of four classes.
  static func folder(train: Int = 300, test: Int = 60) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, count) in [("train", train), ("t10k", test)] {
      var state: UInt32 = name == "train" ? 1 : 2
      var pixels: [UInt8] = []
      var labels: [UInt8] = []
      for _ in 0..<count {
        func draw() -> UInt32 {
          state = state &* 1_664_525 &+ 1_013_904_223
          return state >> 16
        }
        let label = UInt8(draw() % 4)
        labels.append(label)
        for row in 0..<8 {
          for _ in 0..<8 {
            pixels.append(UInt8(draw() % 80) + (row / 2 == Int(label) ? 150 : 0))
          }
        }
      }
      try folder.write(idx([count, 8, 8], pixels), to: "\(name)-images-idx3-ubyte")
      try folder.write(idx([count], labels), to: "\(name)-labels-idx1-ubyte")
    }
    return folder
  }

  /// The bytes of an IDX file.
  static func idx(_ dimensions: [Int], _ elements: [UInt8]) -> [UInt8] {
    let lengths = dimensions.flatMap { length in
      (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
    }
    return [0, 0, 8, UInt8(dimensions.count)] + lengths + elements
  }
}
