import Foundation
import Testing
import TributaryTestSupport

@Suite(.serialized) struct TrainCommandTests {
  private func digest(_ folder: TemporaryFolder, _ name: String) throws -> String {
    try #require(folder.jsonLines(name).last?["parameters_sha256"] as? String)
  }

  @Test(arguments: ["mlp", "rnn", "lstm", "siamese", "cnn"])
  func everyThreadCountTrainsTheSameBits(model: String) throws {
    let folder = try SmallImages.folder()
    var digests: Set<String> = []
    for (threads, environment) in [
      (1, [:]), (2, ["OMP_NUM_THREADS": "8"]), (3, ["OMP_NUM_THREADS": "1"]), (8, [:]),
    ] {
      var arguments = [
        "train", "--dataset", folder.path(""), "--model", model, "--epochs", "2", "--batch", "64",
        "--threads", String(threads), "--json", folder.path("json"), "--quiet",
      ]
      if threads == 3 { arguments += ["--trace", folder.path("trace")] }
      let result = try Command.run(arguments, environment: environment)
      try #require(result.status == 0, "\(result.errors)")
      digests.insert(try digest(folder, "json"))
    }
    #expect(digests.count == 1)
    let trace = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: folder.path("trace"))))
    #expect(trace is [String: Any] || trace is [Any])
  }

  @Test func modelsLearnAndSayHowWell() throws {
    let folder = try SmallImages.folder()
    let result = try Command.run([
      "train", "--dataset", folder.path(""), "--epochs", "6", "--batch", "32", "--threads", "2", "--json",
      folder.path("json"),
    ])
    try #require(result.status == 0, "\(result.errors)")
    let last = try #require(folder.jsonLines("json").last)
    for key in [
      "model", "dataset", "threads", "seed", "epochs", "loss", "test_loss", "test_accuracy",
      "samples_per_s", "step_ms_median", "planned_bytes", "peak_rss_mb", "parameters_sha256",
    ] { #expect(last[key] != nil && !(last[key] is NSNull), "\(key)") }
    #expect(try folder.jsonLines("json").count == 7)
    let accuracy = try #require(last["test_accuracy"] as? Double)
    #expect(accuracy > 0.9)
    #expect(last["threads"] as? Int == 2 && (last["parameters_sha256"] as? String)?.count == 64)
    #expect(result.lastLine.hasPrefix("test accuracy ") && result.lastLine.hasSuffix(" samples/s"))
    #expect(result.output.contains("train acc") && result.errors.contains("epoch 1/6"))
  }

  @Test func profilesTellWhereTheTimeWent() throws {
    let folder = try SmallImages.folder()
    let common = [
      "train", "--dataset", folder.path(""), "--epochs", "1", "--batch", "32", "--threads", "2", "--json",
      folder.path("json"),
    ]
    let result = try Command.run(common + ["--profile"])
    try #require(result.status == 0, "\(result.errors)")
    for part in ["planned memory", "scheduling", "idle", "dearest", "roofline", "matmul", "worker 1"] {
      #expect(result.output.contains(part), "\(part)")
    }
    #expect(result.lastLine.hasPrefix("test accuracy "))
    let lines = try folder.jsonLines("json")
    let line = try #require(lines.first { $0["profile"] != nil })
    let profile = try #require(line["profile"] as? [String: Any])
    #expect(line["model"] as? String == "mlp" && (profile["runs"] as? Int ?? 0) > 0)
    #expect((profile["dearest"] as? [Any])?.count == 10)
    let digest = try digest(folder, "json")
    try #require(try Command.run(common + ["--quiet"]).status == 0)
    // Recording changes no bits.
    #expect(try self.digest(folder, "json") == digest)
  }

  @Test func aMemoryBudgetChangesNoBits() throws {
    let folder = try SmallImages.folder()
    func train(_ budget: String?) throws -> Command.Result {
      try Command.run(
        [
          "train", "--dataset", folder.path(""), "--model", "cnn", "--epochs", "1", "--batch", "32",
          "--threads", "2", "--profile", "--json", folder.path("json"),
        ] + (budget.map { ["--memory-budget", $0] } ?? []))
    }
    try #require(try train(nil).status == 0)
    let free = try digest(folder, "json")
    let refused = try train("1K")
    #expect(refused.status == 1, "\(refused.errors)")
    let least = try #require(
      refused.errors.firstMatch(of: /at least ([0-9]+) bytes .*budget of 1000/).flatMap { Int($0.1) })
    let fitted = try train("\(least)")
    try #require(fitted.status == 0, "\(fitted.errors)")
    #expect(fitted.output.contains("operators computed again"))
    #expect(try digest(folder, "json") == free)
  }

  @Test func checkpointsAreJudgedAlike() throws {
    let folder = try SmallImages.folder()
    for model in ["mlp", "siamese", "lstm"] {
      let trained = try Command.run([
        "train", "--dataset", folder.path(""), "--model", model, "--epochs", "1", "--checkpoint",
        folder.path("saved"),
        "--json", folder.path("json"), "--quiet",
      ])
      try #require(trained.status == 0, "\(trained.errors)")
      let judged = try Command.run([
        "eval", "--checkpoint", folder.path("saved"), "--json", folder.path("json"),
      ])
      try #require(judged.status == 0, "\(judged.errors)")
      let lines = try folder.jsonLines("json").suffix(2)
      #expect(lines.first?["test_accuracy"] as? Double == lines.last?["test_accuracy"] as? Double)
    }
  }

  @Test func resumingAFinishedTrainingChangesNothing() throws {
    let folder = try SmallImages.folder()
    let common = [
      "train", "--dataset", folder.path(""), "--epochs", "1", "--quiet", "--json", folder.path("json"),
    ]
    try #require(try Command.run(common + ["--checkpoint", folder.path("saved")]).status == 0)
    try #require(try Command.run(common + ["--resume", folder.path("saved")]).status == 0)
    let digests = try folder.jsonLines("json").compactMap { $0["parameters_sha256"] as? String }
    #expect(digests.count == 2 && digests[0] == digests[1])
    let other = try Command.run(common + ["--resume", folder.path("saved"), "--model", "rnn"])
    #expect(other.status == 1 && other.errors.contains("contradicts"))
  }

  @Test func gradientsAreClippedWhereAskedFor() throws {
    let folder = try SmallImages.folder()
    let common = [
      "train", "--dataset", folder.path(""), "--epochs", "1", "--quiet", "--json", folder.path("json"),
    ]
    for bound in [nil, "1e9", "0.01"] {
      let clipping = bound.map { ["--clip-norm", $0] } ?? []
      let result = try Command.run(common + clipping + ["--checkpoint", folder.path("saved")])
      try #require(result.status == 0, "\(result.errors)")
    }
    let digests = try folder.jsonLines("json").compactMap { $0["parameters_sha256"] as? String }
    // A bound that is never reached multiplies by one.
    #expect(digests.count == 3 && digests[0] == digests[1] && digests[0] != digests[2])
    #expect(try Command.run(common + ["--resume", folder.path("saved"), "--clip-norm", "0.01"]).status == 0)
    let other = try Command.run(common + ["--resume", folder.path("saved"), "--clip-norm", "2"])
    #expect(other.status == 1 && other.errors.contains("--clip-norm 2.0 contradicts"))
  }

  @Test func anInterruptSavesAndResumesToTheSameBits() throws {
    let folder = try SmallImages.folder(train: 2000)
    let common = ["--epochs", "3", "--batch", "8", "--dataset", folder.path("")]
    let whole = try Command.run(["train", "--quiet", "--json", folder.path("whole")] + common)
    try #require(whole.status == 0, "\(whole.errors)")

    let running = try Command.start(["train", "--checkpoint", folder.path("saved")] + common)
    // The first progress line tells that steps are being done.
    for _ in 0..<600 where !running.errors.contains("epoch 1/3") && running.process.isRunning {
      usleep(20_000)
    }
    kill(running.process.processIdentifier, SIGINT)
    let stopped = try running.wait()
    #expect(stopped.status == 130, "\(stopped.errors)")
    #expect(stopped.errors.contains("--resume \(folder.path("saved"))"))

    let resumed = try Command.run([
      "train", "--quiet", "--resume", folder.path("saved"), "--json", folder.path("resumed"),
    ])
    try #require(resumed.status == 0, "\(resumed.errors)")
    #expect(try digest(folder, "whole") == digest(folder, "resumed"))
  }

  @Test(arguments: [1, 2, 5]) func asManyThreadsAsAskedFor(threads: Int) throws {
    let folder = try SmallImages.folder(train: 2000)
    let running = try Command.start(
      [
        "train", "--epochs", "50", "--batch", "8", "--threads", String(threads), "--dataset", folder.path(""),
      ],
      environment: ["OMP_NUM_THREADS": "8"])
    for _ in 0..<600 where !running.errors.contains("epoch 1/50") && running.process.isRunning {
      usleep(20_000)
    }
    let tasks = "/proc/\(running.process.processIdentifier)/task"
    let names = try FileManager.default.contentsOfDirectory(atPath: tasks).map {
      try String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8)
    }
    kill(running.process.processIdentifier, SIGINT)
    let stopped = try running.wait()
    #expect(stopped.status == 130, "\(stopped)")
    // One more sleeps until somebody asks for the state.
    #expect(names.count { $0 != "tributary-state\n" } == threads)
    #expect(names.count == threads + 1)
  }

  @Test func tellsItsStateWhenAsked() throws {
    let folder = try SmallImages.folder(train: 2000)
    let running = try Command.start(
      ["train", "--epochs", "50", "--batch", "8", "--threads", "2", "--dataset", folder.path("")])
    for _ in 0..<600 where !running.errors.contains("epoch 1/50") && running.process.isRunning {
      usleep(20_000)
    }
    for _ in 0..<600 where !running.errors.contains("executor: 2 slots") && running.process.isRunning {
      kill(running.process.processIdentifier, SIGUSR1)
      usleep(20_000)
    }
    kill(running.process.processIdentifier, SIGINT)
    let stopped = try running.wait()
    #expect(stopped.status == 130, "\(stopped)")
    #expect(stopped.errors.contains("executor: 2 slots"))
    #expect(stopped.errors.contains("slot 1:"))
  }

  @Test func aLossThatIsNoNumberStopsAndKeepsTheCheckpoint() throws {
    let folder = try SmallImages.folder()
    let common = ["train", "--dataset", folder.path(""), "--quiet", "--checkpoint", folder.path("saved")]
    try #require(try Command.run(common + ["--epochs", "1"]).status == 0)
    let good = try Data(contentsOf: URL(fileURLWithPath: folder.path("saved")))
    let result = try Command.run(common + ["--optimizer", "sgd", "--learning-rate", "1e38", "--epochs", "3"])
    #expect(result.status == 1)
    #expect(result.errors.contains("at step ") && result.errors.contains("keeps the last good checkpoint"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("saved"))) == good)
  }
}
