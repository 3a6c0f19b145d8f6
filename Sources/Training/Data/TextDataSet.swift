public import TributaryOps

/// Windows of a text, side by side, for a model that tells what comes next.
///
/// Columns: the numbers of `length` characters, and the numbers of those one place further on; both int32 `[length]`. Sample i
/// begins at character i · `length`.
public struct TextDataSet: DataSet {
  /// The characters of a window.
  public let length: Int

  /// The number of windows.
  public let count: Int

  private let numbers: [UInt8]
  private let start: Int

  /// The windows of a text whose characters are given by their numbers.
  /// - Throws: `DataError.mismatch` when the length is below 1, `.tooShort` when the text is not longer than a window.
  public init(_ numbers: [UInt8], length: Int) throws(DataError) {
    guard length > 0 else {
      throw DataError(.mismatch, message: "windows of \(length) characters are impossible; give at least 1")
    }
    guard numbers.count > length else {
      throw DataError(
        .tooShort,
        message:
          "a text of \(numbers.count) characters has no window of \(length) with one more to follow it")
    }
    self.init(numbers, length: length, start: 0, count: (numbers.count - 1) / length)
  }

  private init(_ numbers: [UInt8], length: Int, start: Int, count: Int) {
    self.numbers = numbers
    self.length = length
    self.start = start
    self.count = count
  }

  /// The windows from another beginning, less than a window further on, so that epochs cut the text at different places. One
  /// window fewer, where there are two, at every beginning.
  /// - Parameters:
  ///   - seed: Equal seeds and epochs begin at the same character.
  ///   - epoch: Other epochs begin at other characters.
  public func shifted(seed: UInt64, epoch: Int) -> TextDataSet {
    let kept = Swift.max(1, count - 1)
    let places = Swift.min(length, numbers.count - kept * length)
    var generator = SplitMix64(0x5445_5854_0000, seed, UInt64(bitPattern: Int64(epoch)))
    return TextDataSet(numbers, length: length, start: generator.next(below: places), count: kept)
  }

  /// Two rows of character numbers.
  public var columns: [TensorType] {
    let window = TensorType(.int32, [length])
    return [window, window]
  }

  /// Writes a window and what follows each of its characters.
  public func write(sample: Int, to row: Int, of batch: Batch) {
    precondition(sample >= 0 && sample < count, "sample out of range")
    let first = start + sample * length
    let input = batch.row(row, column: 0, of: Int32.self)
    let target = batch.row(row, column: 1, of: Int32.self)
    numbers.withUnsafeBufferPointer { numbers in
      for place in 0..<length {
        input[place] = Int32(numbers[first + place])
        target[place] = Int32(numbers[first + place + 1])
      }
    }
  }
}
