import Foundation
import Testing
import TributaryTestSupport

/// The commands with a model of text.
@Suite(.serialized) struct TextCommandTests {
  private func train(_ folder: TemporaryFolder, _ options: [String]) throws -> Command.Result {
    try Command.run(["train", "--model", "transformer", "--text", folder.path("text")] + options)
  }

  private func digests(_ folder: TemporaryFolder) throws -> [String] {
    try folder.jsonLines("json").compactMap { $0["parameters_sha256"] as? String }
  }

  @Test func everyThreadCountTrainsTheSameBits() throws {
    let folder = try SmallTexts.folder()
    for threads in [1, 2, 3, 8] {
      let result = try train(
        folder,
        [
          "--epochs", "1", "--limit", "12", "--threads", "\(threads)", "--json", folder.path("json"),
          "--quiet",
        ])
      try #require(result.status == 0, "\(result.errors)")
    }
    let digests = try digests(folder)
    #expect(digests.count == 4 && Set(digests).count == 1)
  }

  @Test func learnsAndIsJudgedAlike() throws {
    let folder = try SmallTexts.folder()
    let result = try train(
      folder, ["--epochs", "2", "--json", folder.path("json"), "--checkpoint", folder.path("saved")])
    try #require(result.status == 0, "\(result.errors)")
    let lines = try folder.jsonLines("json")
    #expect(lines.count == 3 && lines[0]["epoch"] as? Int == 1)
    let last = try #require(lines.last)
    #expect(last["text"] as? String == folder.path("text") && last["dataset"] == nil)
    let loss = try #require(last["test_loss"] as? Double)
    // The best guess without knowing what comes before is some 2.8.
    #expect(loss < 2.5)
    let perplexity = try #require(last["test_perplexity"] as? Double)
    let bits = try #require(last["test_bits_per_character"] as? Double)
    #expect(abs(perplexity - exp(loss)) < 1e-6 * perplexity && abs(bits - loss / log(2)) < 1e-6 * bits)
    #expect(result.lastLine.hasPrefix("test accuracy ") && result.lastLine.contains("bits/char"))
    let rows = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows[0].contains("perplexity") && rows[1][0] == "0" && rows[2][0] == "1")
    // Before the first step all of 64 characters are about equally likely.
    #expect(abs(try #require(Double(rows[1][3])) - log(64)) < 0.6)

    let judged = try Command.run([
      "eval", "--checkpoint", folder.path("saved"), "--json", folder.path("json"), "--threads", "3",
    ])
    try #require(judged.status == 0, "\(judged.errors)")
    let judgement = try #require(folder.jsonLines("json").last)
    #expect(judgement["loss"] as? Double == loss)
    #expect(judgement["test_accuracy"] as? Double == last["test_accuracy"] as? Double)
    #expect(judged.output.contains("perplexity"))

    // Another text, by the numbers that its characters had in training.
    try folder.write(Array(String(repeating: "XYZ ", count: 250).utf8), to: "other")
    let other = try Command.run([
      "eval", "--checkpoint", folder.path("saved"), "--text", folder.path("other"),
    ])
    #expect(other.status == 0 && other.output != judged.output, "\(other.errors)")
    let images = try Command.run(["eval", "--checkpoint", folder.path("saved"), "--dataset", "fashion-mnist"])
    #expect(images.status == 64 && images.errors.contains("--text"), "\(images.errors)")

    // A text that has changed since is not gone on with.
    try folder.write(Array((SmallTexts.sentences(words: 1200) + "QQQ").utf8), to: "text")
    let changed = try Command.run(["train", "--resume", folder.path("saved"), "--quiet"])
    #expect(changed.status == 0, "the last tenth alone has changed: \(changed.errors)")
    try folder.write(Array(("QQQ" + SmallTexts.sentences(words: 1200)).utf8), to: "text")
    let refused = try Command.run(["train", "--resume", folder.path("saved"), "--quiet"])
    #expect(refused.status == 1 && refused.errors.contains("vocabulary"), "\(refused.errors)")
  }

  @Test func anInterruptSavesAndResumesToTheSameBits() throws {
    let folder = try SmallTexts.folder()
    let common = ["--epochs", "2", "--limit", "61", "--batch", "4"]
    let whole = try train(folder, common + ["--quiet", "--json", folder.path("json")])
    try #require(whole.status == 0, "\(whole.errors)")

    let running = try Command.start(
      [
        "train", "--model", "transformer", "--text", folder.path("text"), "--checkpoint",
        folder.path("saved"),
      ]
        + common)
    // The first progress line tells that a quarter of the epoch is done.
    for _ in 0..<3000 where !running.errors.contains("epoch 1/2") && running.process.isRunning {
      usleep(20_000)
    }
    kill(running.process.processIdentifier, SIGINT)
    let stopped = try running.wait()
    #expect(stopped.status == 130, "\(stopped.errors)")
    let resumed = try Command.run([
      "train", "--quiet", "--resume", folder.path("saved"), "--json", folder.path("json"), "--threads", "1",
    ])
    try #require(resumed.status == 0, "\(resumed.errors)")
    let digests = try digests(folder)
    #expect(digests.count == 2 && digests[0] == digests[1])
  }

  @Test func textsOfAFolderAreReadOnceAndInOrder() throws {
    let folder = try TemporaryFolder()
    let parts = (0..<3).map { SmallTexts.sentences(words: 100 + $0) }
    let texts = folder.path("texts")
    try FileManager.default.createDirectory(atPath: texts, withIntermediateDirectories: false)
    for (index, part) in parts.enumerated() { try folder.write(Array(part.utf8), to: "texts/\(index)") }
    try FileManager.default.createSymbolicLink(atPath: texts + "/9", withDestinationPath: "0")
    try folder.write(Array(parts.joined().utf8), to: "text")
    let options = ["--epochs", "1", "--limit", "8", "--quiet", "--json", folder.path("json")]
    for path in [texts, folder.path("text")] {
      let result = try Command.run(["train", "--model", "transformer", "--text", path] + options)
      try #require(result.status == 0, "\(result.errors)")
    }
    let digests = try digests(folder)
    #expect(digests.count == 2 && digests[0] == digests[1])
  }

  @Test func textsThatCannotBeReadAreNamed() throws {
    let folder = try TemporaryFolder()
    func expectFailure(_ name: String, _ bytes: [UInt8]?, mentions: String) throws {
      if let bytes { try folder.write(bytes, to: name) }
      let result = try Command.run(["train", "--model", "transformer", "--text", folder.path(name)])
      #expect(result.status == 1 && result.output.isEmpty, "\(result)")
      #expect(
        result.errors.contains(folder.path(name)) && result.errors.contains(mentions), "\(result.errors)")
    }
    try expectFailure("none", nil, mentions: "give a file")
    try expectFailure("empty", [], mentions: "is empty")
    try expectFailure("short", Array(String(repeating: "a", count: 649).utf8), mentions: "at least 650")
    try expectFailure("latin", [0x61, 0xE9, 0x61], mentions: "byte 1 is 0xe9")
    let hollow = folder.path("hollow")
    try FileManager.default.createDirectory(atPath: hollow, withIntermediateDirectories: false)
    try expectFailure("hollow", nil, mentions: "holds no file")
    try folder.write(Array(SmallTexts.sentences(words: 300).utf8), to: "text")
    let large = try train(folder, ["--batch", "500"])
    #expect(large.status == 1 && large.errors.contains("at most "), "\(large.errors)")
  }
}
