internal import ArgumentParser
internal import TributaryMeasuring

extension ByteCount {
  /// A number of bytes from the command line.
  static func argument(_ text: String) throws -> ByteCount {
    guard let count = ByteCount(text) else {
      throw ValidationError("“\(text)” is no number of bytes: write, for instance, 200M, 1.5G or 512Ki.")
    }
    return count
  }
}
