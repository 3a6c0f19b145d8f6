/// A number of bytes as a person writes it: `200M`, `1.5G`, `64Ki`, `1000000`.
package struct ByteCount: Hashable, Sendable {
  /// The number of bytes, at least 1.
  package let bytes: Int

  /// The powers of 1000 and, with an i, of 1024.
  private static let units: [String: Double] = [
    "": 1, "K": 1e3, "M": 1e6, "G": 1e9, "KI": 1024, "MI": 1_048_576, "GI": 1_073_741_824,
  ]

  /// Reads a number with an optional unit: K, M and G are powers of 1000, as in all that is printed, Ki, Mi and Gi of 1024.
  /// A B may follow; small letters will do. Nil for anything else, and for less than a byte.
  package init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    var unit = text.dropFirst(digits.count).uppercased()
    if unit.last == "B" { unit.removeLast() }
    guard let scale = ByteCount.units[unit], let number = Double(digits) else { return nil }
    let product = number * scale
    guard product >= 1, product < 9e18 else { return nil }
    bytes = Int(product.rounded())
  }
}
