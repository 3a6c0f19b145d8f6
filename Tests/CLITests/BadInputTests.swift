import Testing
import TributaryTestSupport

/// Bad input of a well-formed command line ends with exit code 1, says what and where, and leaves nothing half written.
@Suite struct BadInputTests {
  private func expectFailure(_ arguments: [String], mentions: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 1, "\(result)")
    for text in mentions { #expect(result.errors.contains(text), "\(result.errors)") }
  }

  @Test func missingDataSets() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("none")
    try expectFailure(["train", "--dataset", path], mentions: [path, "IDX"])
    let result = try Command.run(["train"], environment: ["TRIBUTARY_FASHION_MNIST": path])
    #expect(result.status == 1 && result.errors.contains("apt-get install dataset-fashion-mnist"))
    try expectFailure(["train", "--dataset", folder.path("")], mentions: ["train-images-idx3-ubyte"])
  }

  @Test func truncatedAndForeignDataSets() throws {
    let folder = try SmallImages.folder()
    try folder.write(SmallImages.idx([300, 8, 8], [1, 2, 3]), to: "train-images-idx3-ubyte")
    try expectFailure(
      ["train", "--dataset", folder.path("")], mentions: ["train-images-idx3-ubyte", "ends early"])
    try folder.write(Array("GIF89a".utf8), to: "train-images-idx3-ubyte")
    try expectFailure(["train", "--dataset", folder.path("")], mentions: ["not an IDX file"])
    try folder.write(SmallImages.idx([0, 8, 8], []), to: "train-images-idx3-ubyte")
    try folder.write(SmallImages.idx([0], []), to: "train-labels-idx1-ubyte")
    try expectFailure(["train", "--dataset", folder.path("")], mentions: ["no images"])
  }

  @Test func batchesLargerThanTheData() throws {
    let folder = try SmallImages.folder(train: 20)
    try expectFailure(
      ["train", "--dataset", folder.path(""), "--batch", "21"], mentions: ["21", "at most 20"])
    try expectFailure(
      ["train", "--dataset", folder.path(""), "--batch", "16", "--limit", "15"], mentions: ["at most 15"])
  }

  @Test(arguments: ["--json", "--checkpoint", "--trace"])
  func unwritablePathsAreFoundBeforeTraining(option: String) throws {
    let folder = try SmallImages.folder()
    let before = try folder.names()
    for path in [folder.path("none/at/all"), folder.path("")] {
      let result = try Command.run(["train", "--dataset", folder.path(""), option, path])
      #expect(result.status == 1 && result.errors.contains(path), "\(result.errors)")
      #expect(!result.output.contains("epoch"))
    }
    #expect(try folder.names() == before)
  }

  @Test(arguments: ["train", "eval"])
  func foreignCheckpoints(command: String) throws {
    let folder = try SmallImages.folder()
    let option = command == "train" ? "--resume" : "--checkpoint"
    let path = folder.path("checkpoint")
    try expectFailure([command, option, path], mentions: [path])
    try folder.write([1, 2, 3], to: "checkpoint")
    try expectFailure([command, option, path], mentions: [path, "3 bytes"])
    try folder.write([2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8), to: "checkpoint")
    try expectFailure([command, option, path], mentions: [path, "not a checkpoint"])
  }
}
