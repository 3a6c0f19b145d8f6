public import TributaryOps

/// Labelled grey images in the files of the MNIST family, standardised as they are read into a batch.
///
/// Columns: the pixels, float32, of ``sampleShape``; the class, int32, a scalar. A pixel p of 0...255 becomes
/// (p / 255 − mean) / deviation, with mean and deviation over all pixels of the training images.
public struct ImageDataSet: DataSet {
  /// The shape of one sample's pixels: `[rows · columns]` unless another was asked for.
  public private(set) var sampleShape: Shape

  /// How pixels are standardised.
  public let standardization: Standardization

  /// The classes run over 0 ..< classes.
  public let classes: Int

  /// Rows and columns of an image.
  public let imageSize: [Int]

  private let pixels: [UInt8]
  private let labels: [UInt8]
  private let table: [Float]

  /// Mean and deviation of the pixels of a training set, as fractions of 255.
  public struct Standardization: Sendable, Hashable {
    /// The mean.
    public let mean: Double

    /// The standard deviation; 1 where all pixels are equal.
    public let deviation: Double

    /// Known figures.
    public init(mean: Double, deviation: Double) {
      self.mean = mean
      self.deviation = deviation
    }

    /// The figures of some pixels; sums are exact, so that they depend on nothing else.
    init(of pixels: ArraySlice<UInt8>) {
      var histogram = [Int](repeating: 0, count: 256)
      for pixel in pixels { histogram[Int(pixel)] += 1 }
      var sum = 0
      var squares = 0
      for (value, count) in histogram.enumerated() {
        sum += value * count
        squares += value * value * count
      }
      let count = Double(Swift.max(pixels.count, 1))
      mean = Double(sum) / count / 255
      let variance = Double(squares) / count / (255 * 255) - mean * mean
      deviation = variance > 1e-12 ? variance.squareRoot() : 1
    }
  }

  /// The number of images.
  public var count: Int { labels.count }

  /// The pixels and the class.
  public var columns: [TensorType] { [TensorType(.float32, sampleShape), TensorType(.int32, .scalar)] }

  /// The class of an image.
  public func label(of sample: Int) -> Int { Int(labels[sample]) }

  /// Images and classes from two IDX files.
  /// - Parameters:
  ///   - images: The path of a file of three axes: images, rows, columns.
  ///   - labels: The path of a file of one axis.
  ///   - limit: How many of the first images to keep; all when nil.
  ///   - standardization: Known figures; those of the images kept when nil.
  ///   - classes: The number of classes; at least 10 and one more than the largest label when nil.
  /// - Throws: `DataError` when a file is missing, truncated or foreign, when the two do not fit, when nothing is
  ///   left, or when a label is not below `classes`.
  public init(
    images: String, labels: String, limit: Int? = nil, standardization: Standardization? = nil,
    classes: Int? = nil
  ) throws(DataError) {
    let pixelFile = try IDXFile(contentsOf: images, rank: 3)
    let labelFile = try IDXFile(contentsOf: labels, rank: 1)
    guard pixelFile.dimensions[0] == labelFile.dimensions[0] else {
      throw DataError(
        .mismatch, path: labels,
        message:
          "has \(labelFile.dimensions[0]) labels for the \(pixelFile.dimensions[0]) images of \(images)")
    }
    let count = Swift.min(limit ?? Int.max, pixelFile.dimensions[0])
    let size = pixelFile.dimensions[1] * pixelFile.dimensions[2]
    guard count > 0, size > 0 else {
      throw DataError(.empty, path: images, message: "has no images; axes are \(pixelFile.dimensions)")
    }
    imageSize = Array(pixelFile.dimensions[1...])
    sampleShape = [size]
    pixels = count == pixelFile.dimensions[0] ? pixelFile.bytes : Array(pixelFile.bytes[..<(count * size)])
    self.labels = Array(labelFile.bytes[..<count])
    let largest = Int(self.labels.max() ?? 0)
    self.classes = classes ?? Swift.max(10, largest + 1)
    guard largest < self.classes else {
      throw DataError(
        .mismatch, path: labels, message: "has a label \(largest); labels must be below \(self.classes)")
    }
    let figures = standardization ?? Standardization(of: pixels[...])
    self.standardization = figures
    table = (0..<256).map { Float((Double($0) / 255 - figures.mean) / figures.deviation) }
  }

  /// The same images under another shape of as many pixels, `[28, 28]` say.
  /// - Throws: `DataError.mismatch` when the number of pixels differs.
  public func reshaped(to shape: Shape) throws(DataError) -> ImageDataSet {
    guard shape.elementCount == sampleShape.elementCount else {
      throw DataError(.mismatch, message: "images of shape \(sampleShape) cannot be reshaped to \(shape)")
    }
    var copy = self
    copy.sampleShape = shape
    return copy
  }

  /// Writes the standardised pixels and the class.
  public func write(sample: Int, to row: Int, of batch: Batch) {
    write(pixelsOf: sample, to: batch.row(row, column: 0))
    batch.row(row, column: 1, of: Int32.self)[0] = Int32(labels[sample])
  }

  /// Writes the standardised pixels of an image.
  func write(pixelsOf sample: Int, to target: UnsafeMutableBufferPointer<Float>) {
    let size = target.count
    pixels.withUnsafeBufferPointer { pixels in
      table.withUnsafeBufferPointer { table in
        for index in 0..<size { target[index] = table[Int(pixels[sample * size + index])] }
      }
    }
  }
}
