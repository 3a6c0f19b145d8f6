import Testing

@Suite struct WrongCommandLineTests {
  @Test(arguments: [
    ["train", "--threads", "0"], ["train", "--threads", "-1"], ["train", "--threads", "1025"],
    ["train", "--threads", "two"], ["train", "--epochs", "0"], ["train", "--batch", "0"],
    ["train", "--limit", "-3"], ["train", "--memory-budget", "some"], ["train", "--memory-budget", "0"],
    ["train", "--learning-rate", "-1"], ["train", "--learning-rate", "nan"], ["train", "--clip-norm", "0"],
    ["train", "--clip-norm", "inf"], ["train", "--seed", "-1"],
    ["train", "--model", "cnn3d"], ["train", "--text", "x"], ["train", "--model", "lstm", "--text", "x"],
    ["train", "--model", "transformer", "--dataset", "fashion-mnist"], ["train", "--optimizer", "magic"],
    ["train", "--colour"], ["train", "x"],
    ["eval"], ["eval", "--checkpoint"], ["graph"], ["graph", "--model", "mlp", "--dot", "--plan"],
    ["graph", "--model", "mlp", "--batch", "0"], ["graph", "--model", "mlp", "--predict", "0"],
    ["graph", "--model", "mlp", "--predict", "1,,2"], ["graph", "--model", "mlp", "--predict", "two"],
    ["graph", "--model", "mlp", "--predict", "1,1025"], ["graph", "--model", "mlp", "--predict", ""],
    ["graph", "--model", "mlp", "--predict", "1", "--plan"],
    ["graph", "--model", "mlp", "--synthetic", "core:2 pu:1"],
    ["graph", "--model", "mlp", "--predict", "1", "--synthetic", "nonsense"], ["topology", "--threads", "0"],
    ["bogus"],
  ])
  func endsWith64(arguments: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 64)
    #expect(result.errors.contains("Error:") && result.output.isEmpty)
  }

  @Test func absurdThreadCountsInTheEnvironmentEndWith64() throws {
    for text in ["0", "1025", "many"] {
      let result = try Command.run(["train"], environment: ["TRIBUTARY_THREADS": text])
      #expect(result.status == 64 && result.errors.contains("TRIBUTARY_THREADS"), "\(result.errors)")
    }
  }

  @Test(arguments: [["--help"], ["train", "--help"], ["graph", "--help"], ["eval", "--help"]])
  func helpEndsWith0(arguments: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 0 && result.output.contains("USAGE"))
  }
}
