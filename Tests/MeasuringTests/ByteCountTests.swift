import Testing

@testable import TributaryMeasuring

@Suite struct ByteCountTests {
  @Test(arguments: [
    ("1", 1), ("4096", 4096), ("200M", 200_000_000), ("1.5G", 1_500_000_000), ("64Ki", 65_536),
    ("2mi", 2_097_152), ("3kB", 3000), ("1GiB", 1_073_741_824), ("0.5K", 500), ("12B", 12),
  ])
  func reads(text: String, bytes: Int) { #expect(ByteCount(text)?.bytes == bytes) }

  @Test(arguments: [
    "", "M", "-1", "-1M", "0", "0.2", "1T", "1 M", "1e6", "nan", "inf", "1.2.3", "99999999999G", "1MM", "٣",
  ])
  func refuses(text: String) { #expect(ByteCount(text) == nil) }
}
