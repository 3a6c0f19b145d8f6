/// A sum that can be computed again and again.
protocol RunnableSum {
  /// Computes the sum once.
  func run() throws
  /// The sum as of the last run.
  func result() throws -> [Float]
  /// Bytes that the method needs beside the input and the sum.
  var extraBytes: Int { get }
}
