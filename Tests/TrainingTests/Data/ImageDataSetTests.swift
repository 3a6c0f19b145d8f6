import Testing
import TributaryOps
import TributaryTestSupport

@testable import TributaryTraining

@Suite struct ImageDataSetTests {
  /// A folder of 2 × 2 images whose pixels are 10 · sample + position and whose labels count through 0, 1, 2.
  private func folder(train: Int = 9, test: Int = 5) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, count) in [("train", train), ("t10k", test)] {
      let pixels = (0..<count).flatMap { sample in (0..<4).map { UInt8(10 * sample + $0) } }
      try folder.write(
        IDXBytes(dimensions: [count, 2, 2], elements: pixels).bytes, to: "\(name)-images-idx3-ubyte")
      try folder.write(
        gzip(IDXBytes(dimensions: [count], elements: (0..<count).map { UInt8($0 % 3) }).bytes),
        to: "\(name)-labels-idx1-ubyte.gz")
    }
    return folder
  }

  private func data(limit: Int? = nil) throws -> ImageFolder {
    let folder = try folder()
    return try ImageFolder(contentsOf: folder.path(""), limit: limit)
  }

  @Test func trainingImagesAreStandardised() throws {
    let images = try data().train
    let batch = try Batch(of: images.count, columns: images.columns)
    for sample in 0..<images.count { images.write(sample: sample, to: sample, of: batch) }
    let values = try batch.tensor(column: 0).elements(Float.self).map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    #expect(abs(mean) < 1e-6 && abs(variance - 1) < 1e-6)
    #expect(try batch.tensor(column: 1).elements(Int32.self) == [0, 1, 2, 0, 1, 2, 0, 1, 2])
    #expect(images.classes == 10)
  }

  @Test func testImagesAreStandardisedLikeTrainingImages() throws {
    let data = try data(limit: 3)
    #expect(data.train.count == 3 && data.test.count == 5)
    #expect(data.test.standardization == data.train.standardization)
    // The pixels are 0...3, 10...13, 20...23.
    #expect(abs(data.train.standardization.mean * 255 - 11.5) < 1e-9)
  }

  @Test func reshapingKeepsTheElements() throws {
    let images = try data().train
    #expect(try images.reshaped(to: [2, 2]).columns[0] == TensorType(.float32, [2, 2]))
    #expect(throws: DataError.self) { try images.reshaped(to: [3, 2]) }
  }

  @Test func filesThatDoNotFitAreRefused() throws {
    let folder = try folder()
    try folder.write(
      IDXBytes(dimensions: [8], elements: Array(0..<8)).bytes, to: "train-labels-idx1-ubyte")
    let error = try #require(throws: DataError.self) { try ImageFolder(contentsOf: folder.path("")) }
    #expect(error.code == .mismatch && error.message.contains("8 labels"))
    try folder.write(IDXBytes(dimensions: [0], elements: []).bytes, to: "train-labels-idx1-ubyte")
    try folder.write(IDXBytes(dimensions: [0, 2, 2], elements: []).bytes, to: "train-images-idx3-ubyte")
    let empty = try #require(throws: DataError.self) { try ImageFolder(contentsOf: folder.path("")) }
    #expect(empty.code == .empty)
    let missing = try #require(throws: DataError.self) {
      try ImageFolder(contentsOf: TemporaryFolder().path(""))
    }
    #expect(missing.code == .file && missing.message.contains("train-images-idx3-ubyte"))
  }

  @Test func labelsBeyondTheClassesAreRefused() throws {
    let folder = try folder()
    try folder.write(
      IDXBytes(dimensions: [5], elements: [0, 1, 2, 3, 200]).bytes, to: "t10k-labels-idx1-ubyte")
    let error = try #require(throws: DataError.self) { try ImageFolder(contentsOf: folder.path("")) }
    #expect(error.code == .mismatch && error.message.contains("200"))
  }

  @Test func halfOfThePairsAreOfOneClass() throws {
    let images = try data().train
    let pairs = try PairDataSet(images, count: 101, seed: 1, epoch: 4)
    let batch = try Batch(of: 1, columns: pairs.columns)
    var same = 0
    for sample in 0..<pairs.count {
      pairs.write(sample: sample, to: 0, of: batch)
      let marked = batch.row(0, column: 2, of: Float.self)[0]
      // The first pixel tells the sample: pixels are 10 · sample + position.
      let ids = try (0..<2).map { column in
        let value = try Double(batch.tensor(column: column).elements(Float.self)[0])
        let pixel = (value * images.standardization.deviation + images.standardization.mean) * 255
        return Int((pixel / 10).rounded())
      }
      #expect((ids[0] % 3 == ids[1] % 3) == (marked == 1))
      #expect(pairs.isSame(sample) == (marked == 1))
      same += marked == 1 ? 1 : 0
    }
    #expect(same == 51)
  }

  @Test func pairsNeedTwoClasses() throws {
    let data = try data(limit: 1)
    let error = try #require(throws: DataError.self) { try PairDataSet(data.train, count: 4, seed: 1) }
    #expect(error.code == .mismatch)
    #expect(throws: DataError.self) { try PairDataSet(data.test, count: 0, seed: 1) }
  }
}
