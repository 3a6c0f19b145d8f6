internal import Foundation

/// Runs this program again with other arguments, so that a measurement has a process of its own.
enum ChildProcess {
  /// The standard output of the program run again; its standard error is passed on.
  /// - Throws: `BenchError` when it does not end well.
  static func output(of arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchError(
        "\(arguments.joined(separator: " ")) ended with status \(process.terminationStatus)")
    }
    return data
  }
}
