public import TributaryOps

/// Pairs of images, half of one class and half of two, drawn by a seed.
///
/// Columns: the pixels of the first image, those of the second (float32), and 1 where both are of one class, else 0
/// (float32, a scalar). Pair 2i is of one class, pair 2i + 1 of two, where the images allow it.
public struct PairDataSet: DataSet {
  /// The images.
  public let images: ImageDataSet

  private let pairs: [Pair]

  private struct Pair {
    var first: Int32
    var second: Int32
    var isSame: Bool
  }

  /// Draws pairs.
  /// - Parameters:
  ///   - images: Where from.
  ///   - count: How many pairs.
  ///   - seed: Equal seeds and epochs draw equal pairs.
  ///   - epoch: Other epochs draw other pairs.
  /// - Throws: `DataError.empty` when no pair is asked for, `.mismatch` when all images are of one class.
  public init(_ images: ImageDataSet, count: Int, seed: UInt64, epoch: Int = 0) throws(DataError) {
    guard count > 0 else { throw DataError(.empty, message: "a data set of \(count) pairs has no samples") }
    var members = [[Int32]](repeating: [], count: images.classes)
    for sample in 0..<images.count { members[images.label(of: sample)].append(Int32(sample)) }
    guard members.filter({ !$0.isEmpty }).count > 1 else {
      throw DataError(.mismatch, message: "pairs need images of at least two classes, and all are of one")
    }
    var generator = SplitMix64(0x5041_4952_5300, seed, UInt64(bitPattern: Int64(epoch)))
    self.images = images
    pairs = (0..<count).map { index in
      let first = Int32(generator.next(below: images.count))
      let label = images.label(of: Int(first))
      if index % 2 == 0 {
        let same = members[label]
        return Pair(first: first, second: same[generator.next(below: same.count)], isSame: true)
      }
      // The images of other classes, counted through in the order of the classes.
      var position = generator.next(below: images.count - members[label].count)
      var other = 0
      while other == label || position >= members[other].count {
        if other != label { position -= members[other].count }
        other += 1
      }
      return Pair(first: first, second: members[other][position], isSame: false)
    }
  }

  /// The number of pairs.
  public var count: Int { pairs.count }

  /// Two images and whether they are of one class.
  public var columns: [TensorType] {
    let pixels = TensorType(.float32, images.sampleShape)
    return [pixels, pixels, TensorType(.float32, .scalar)]
  }

  /// Whether both images of a pair are of one class.
  public func isSame(_ sample: Int) -> Bool { pairs[sample].isSame }

  /// Writes both images and the mark.
  public func write(sample: Int, to row: Int, of batch: Batch) {
    let pair = pairs[sample]
    images.write(pixelsOf: Int(pair.first), to: batch.row(row, column: 0))
    images.write(pixelsOf: Int(pair.second), to: batch.row(row, column: 1))
    batch.row(row, column: 2, of: Float.self)[0] = pair.isSame ? 1 : 0
  }
}
