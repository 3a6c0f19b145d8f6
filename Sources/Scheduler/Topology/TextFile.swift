internal import Glibc

/// Reading of small text files, among them those of `/proc`, which do not tell their size.
enum TextFile {
  /// The whole file as text, or nil when it cannot be opened or read.
  static func read(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      bytes += chunk[..<count]
      if count < chunk.count { return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
    }
  }
}
