import ArgumentParser
import Foundation
import Testing
import TributaryAutodiff
import TributaryOps
import TributaryScheduler

@testable import TributaryBench

/// The functions of one float within their bounds, at every level; `tributary-bench accuracy --full` visits all floats.
@Suite struct AccuracyTests {
  @Test(arguments: AccuracySubject.all.map(\.name))
  func everyFunctionIsWithinItsBound(_ name: String) throws {
    let subject = try #require(AccuracySubject.all.first { $0.name == name })
    let levels = VectorLevel.available
    let sweep = AccuracySweep(run: 256, stride: 32_749)
    let tallies = try AccuracyCommand.tallies(of: subject, sweep, levels, threads: 2)
    for (level, tally) in zip(levels, tallies) {
      #expect(tally.isWithin(subject.bound), "\(level): \(tally)")
      #expect(try subject.specialTally(at: level).isWithin(subject.bound))
    }
  }

  /// The places at which results change their formula, and where a wrong order has been seen.
  @Test(arguments: [
    ("erf", Float(0.88)), ("tanh", 0.625), ("sigmoid", -1.929), ("log1p", 0.2949), ("softplus", 17),
    ("softplus", -1.17),
    ("log", 1), ("expm1", 0.35), ("exp", 0.5), ("silu", -64), ("silu", -91.8), ("gelu", -0.7071),
    ("gelu", -12.88),
    ("gelu_tanh", -10.08), ("sin", 3_517_400), ("cos", 4_194_304),
  ])
  func noFormulaEndsBadly(_ name: String, _ place: Float) throws {
    let subject = try #require(AccuracySubject.all.first { $0.name == name })
    var x = [place]
    while x.count < 8000 { x.append(x[x.count - 1].nextUp) }
    x = (0..<8000).reversed().map { place - (x[$0] - place) } + x.dropFirst()
    let exact = x.map { subject.exact(Double($0)) }
    for level in VectorLevel.available {
      let y = try level.scope {
        try subject.op.evaluate(on: [try Tensor(x, shape: [x.count])])[0].elements(Float.self)
      }
      var tally = AccuracyTally()
      tally.compare(x, y, exact, direction: subject.direction)
      #expect(tally.isWithin(subject.bound), "\(level): \(tally)")
    }
  }

  /// An executor flushes subnormals to zero; normal results stay what they are, however small.
  @Test func flushingDoesNoHarmToNormalResults() throws {
    let executor = try GraphExecutor(workers: 1)
    defer { executor.shutdown() }
    var x: [Float] = []
    for exponent in -126...127 {
      for step in 0..<64 {
        let value = Float(sign: .plus, exponent: exponent, significand: 1 + Float(step) / 64)
        x += [value, -value]
      }
    }
    // Where the exponentials in silu and gelu are smaller than the results.
    for step in 0..<4000 {
      x.append(-64 - Float(step) * 0.01)
      x.append(-7 - Float(step) * 0.002)
    }
    for subject in AccuracySubject.all {
      let g = GraphBuilder()
      let input = g.input("x", [x.count])
      let y = g.apply(subject.op, to: input)
      let executable = try g.compile(fetching: [y])
      let got = try executable.run(on: executor, feeding: [input: try Tensor(x, shape: [x.count])])[y]
        .elements(Float.self)
      var tally = AccuracyTally()
      for (argument, result) in zip(x, got) {
        let want = subject.exact(Double(argument))
        if want.magnitude < 0x1p-126 { continue }
        tally.compare([argument], [result], [want], direction: 0)
      }
      #expect(tally.isWithin(subject.bound), "\(subject.name): \(tally)")
    }
  }

  @Test func mistakesAreCounted() throws {
    let levels = [VectorLevel.base]
    let sweep = AccuracySweep(run: 256, stride: 32_749)
    let far = AccuracySubject("exp", Unary(.exp), bound: 2, direction: 1) { 1.000_001 * exp($0) }
    #expect(try sweep.tallies(of: far, at: levels)[0].worst > 8)
    let falling = AccuracySubject("neg", Unary(.neg), bound: 0, direction: 1) { -$0 }
    #expect(try sweep.tallies(of: falling, at: levels)[0].reversals > 1000)
    var tally = AccuracyTally()
    tally.compare([1, 2, 3], [.nan, .infinity, 3], [1, 2, .nan], direction: 0)
    #expect(tally.worst == .infinity && tally.place == 1 && tally.count == 3)
    tally = AccuracyTally()
    tally.compare([1], [0x1p-149], [0], direction: 0)
    #expect(tally.worst == 0 && tally.worstSubnormal == 1 && !tally.isWithin(0.5))
  }

  @Test func ranksAreInOrder() {
    let ranks = [0x00ff_ffff, 0x0100_0000, 0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xff7f_ffff]
    let floats = ranks.dropFirst(1).map(AccuracySweep.float)
    #expect(floats.allSatisfy { !$0.isNaN } && zip(floats, floats.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(AccuracySweep.full.count * AccuracySweep.full.run == 1 << 32)
    #expect(AccuracySweep.full.floats(40_000).first == AccuracySweep.full.floats(39_999).last)
  }

  @Test func readsNames() throws {
    #expect(try AccuracyCommand.parse(["--only", "exp,gelu_tanh"]).only.map(\.name) == ["exp", "gelu_tanh"])
    #expect(Set(AccuracySubject.all.map(\.name)).isSuperset(of: UnaryFunction.allCases.map(\.rawValue)))
  }

  @Test(arguments: [["--only", "bogus"], ["--only", ""], ["--threads", "0"], ["extra"]])
  func wrongCommandLinesExitWith64(arguments: [String]) {
    #expect {
      try AccuracyCommand.parse(arguments)
    } throws: { error in
      AccuracyCommand.exitCode(for: error).rawValue == 64
    }
  }
}
