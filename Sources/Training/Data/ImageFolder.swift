/// The training and test images of a folder in the form of the MNIST family: `train-images-idx3-ubyte`,
/// `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each plain or with `.gz`.
public struct ImageFolder: Sendable {
  /// The images to learn from.
  public let train: ImageDataSet

  /// The images to be judged by, standardised like the training images.
  public let test: ImageDataSet

  /// Reads a folder.
  /// - Parameters:
  ///   - path: The folder.
  ///   - limit: How many of the first training images to keep; all when nil.
  /// - Throws: `DataError` when a file is missing, truncated or foreign, or when files do not fit.
  public init(contentsOf path: String, limit: Int? = nil) throws(DataError) {
    train = try ImageDataSet(
      images: ImageFolder.file("train-images-idx3-ubyte", in: path),
      labels: ImageFolder.file("train-labels-idx1-ubyte", in: path), limit: limit)
    test = try ImageFolder.test(
      contentsOf: path, standardization: train.standardization, classes: train.classes)
    guard train.imageSize == test.imageSize else {
      throw DataError(
        .mismatch, path: path,
        message: "its training images are \(train.imageSize), its test images \(test.imageSize)")
    }
  }

  /// Reads the test images of a folder alone.
  /// - Throws: `DataError` when a file is missing, truncated or foreign, or when files do not fit.
  public static func test(
    contentsOf path: String, standardization: ImageDataSet.Standardization, classes: Int
  ) throws(DataError) -> ImageDataSet {
    try ImageDataSet(
      images: file("t10k-images-idx3-ubyte", in: path), labels: file("t10k-labels-idx1-ubyte", in: path),
      standardization: standardization, classes: classes)
  }

  private static func file(_ name: String, in folder: String) throws(DataError) -> String {
    for candidate in ["\(folder)/\(name)", "\(folder)/\(name).gz"] where InputFile.exists(candidate) {
      return candidate
    }
    throw DataError(
      .file, path: folder, message: "holds neither \(name) nor \(name).gz; is it a folder of IDX files?")
  }
}
