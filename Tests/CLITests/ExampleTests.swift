import Foundation
import Testing

/// The programs of Examples end well and print what the articles about them say; `scripts/check-examples.sh` sees to it that the
/// articles' code is theirs.
@Suite struct ExampleTests {
  struct Article: CustomTestStringConvertible {
    /// Within `Sources`, without the suffix.
    let path: String
    let program: String
    /// How many blocks of output it shows.
    let outputs: Int

    var testDescription: String { path }
  }

  static let articles = [
    Article(path: "Scheduler/TributaryScheduler.docc/ScheduleYourOwnDAG", program: "OwnDAG", outputs: 0),
    Article(path: "Scheduler/TributaryScheduler.docc/EmbedInAServer", program: "InAServer", outputs: 0),
    Article(path: "Ops/TributaryOps.docc/TributaryOps", program: "Tensors", outputs: 1),
    Article(path: "Autodiff/TributaryAutodiff.docc/TributaryAutodiff", program: "SeedDAG", outputs: 0),
    Article(path: "Autodiff/TributaryAutodiff.docc/HowAGradientIsMade", program: "OwnGradient", outputs: 1),
    Article(path: "Autodiff/TributaryAutodiff.docc/WriteYourOwnOperator", program: "OwnOperator", outputs: 3),
    Article(path: "Autodiff/TributaryAutodiff.docc/LoopsAndBranches", program: "LoopsAndNoise", outputs: 1),
    Article(path: "Autodiff/TributaryAutodiff.docc/RandomNumbers", program: "LoopsAndNoise", outputs: 1),
    Article(path: "Training/TributaryTraining.docc/TrainAModel", program: "TrainAModel", outputs: 1),
    Article(path: "Training/TributaryTraining.docc/YourOwnLayer", program: "TrainAModel", outputs: 1),
  ]

  @Test("a program prints what its article shows", arguments: articles)
  func prints(_ article: Article) throws {
    let sources = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Sources").standardized
    let text = try String(contentsOf: sources.appendingPathComponent(article.path + ".md"), encoding: .utf8)
    let shown = blocksWithoutLanguage(in: text)
    #expect(shown.count == article.outputs)

    let result = try Command.run([], of: article.program)
    #expect(result.status == 0, "\(result.errors)")
    #expect(!result.output.split(separator: "\n").contains { $0.hasSuffix(": false") })
    for block in shown {
      #expect(result.output.contains(block), "not printed:\n\(block)\nbut:\n\(result.output)")
    }
  }

  /// The fenced blocks that name no language, without their last line break.
  private func blocksWithoutLanguage(in text: String) -> [String] {
    var blocks: [String] = []
    var open: (language: Substring, lines: [Substring])?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("```") else {
        open?.lines.append(line)
        continue
      }
      if let block = open {
        if block.language.isEmpty { blocks.append(block.lines.joined(separator: "\n")) }
        open = nil
      } else {
        open = (line.dropFirst(3), [])
      }
    }
    return blocks
  }
}
