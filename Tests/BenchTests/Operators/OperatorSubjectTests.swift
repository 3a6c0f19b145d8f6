import ArgumentParser
import Testing
import TributaryAutodiff
import TributaryMeasuring
import TributaryOps
import TributaryScheduler

@testable import TributaryBench

/// The list of measured operators: every case runs, and PyTorch is asked for the same operands.
@Suite(.serialized) struct OperatorSubjectTests {
  @Test func casesAreToldApart() {
    let cases = OperatorSubject.all.flatMap { OperatorCase.all(of: $0, sizes: [.small]) }
    #expect(Set(cases.map(\.title)).count == cases.count)
    #expect(!OperatorSubject.views.contains { OperatorSubject.names.contains($0) })
  }

  /// The kernels one after the other do what a run of the plan does, forward and backward.
  @Test(arguments: OperatorSubject.names)
  func everyCaseRunsAndCostsSomething(_ name: String) throws {
    let executor = try GraphExecutor(workers: 1)
    defer { executor.shutdown() }
    for subject in OperatorSubject.all where subject.name == name {
      for measured in OperatorCase.all(of: subject, sizes: [.small]) {
        let (executable, feeds) = try measured.compiled()
        let prepared = try executable.prepare(on: executor)
        for (value, tensor) in feeds { try prepared.feed(value, tensor) }
        try prepared.run()
        let named = Dictionary(uniqueKeysWithValues: feeds.map { ($0.0.name, $0.1) })
        let sequence = try KernelSequence(executable.graph, feeding: named)
        try sequence.run()
        for (position, tensor) in try sequence.fetches(of: executable.graph).enumerated() {
          let want = prepared.tensor(at: position).withUnsafeBytes { Array($0) }
          #expect(tensor.withUnsafeBytes { Array($0) } == want, "\(measured.title), result \(position)")
        }
        #expect(sequence.work.bytes > 0, "\(measured.title)")
        let request = TorchPeer.Request(measured, threads: 2)
        #expect(request.inputs.count == subject.inputs(.small).count && request.threads == 2)
        #expect(request.gradient.isEmpty == !measured.isGradient)
      }
    }
  }

  @Test func sizesGrow() {
    for subject in OperatorSubject.all {
      let bytes = ShapeClass.allCases.map { size in
        subject.inputs(size).reduce(0) { $0 + $1.type.byteCount }
      }
      #expect(bytes[0] < bytes[1] && bytes[1] < bytes[2], "\(subject.name) \(subject.variant): \(bytes)")
    }
  }

  @Test func namesAndSizesAreChecked() throws {
    #expect(try OperatorsCommand.subjects("exp,add").map(\.name) == ["exp", "add", "add"])
    #expect(try OperatorsCommand.sizes("small,memory") == [.small, .memory])
    #expect(throws: (any Error).self) { try OperatorsCommand.subjects("exp,expo") }
    #expect(throws: (any Error).self) { try OperatorsCommand.sizes("tiny") }
    #expect(throws: (any Error).self) { try OperatorsCommand.parse(["--only", "nothing"]) }
  }

  @Test(arguments: [CaseInput.Fill.real, .positive, .share, .index, .boolean])
  func operandsAreFilledAsTheySay(_ fill: CaseInput.Fill) throws {
    let tensor = try CaseInput([1000], fill, below: 7).tensor(seed: 3)
    switch fill {
    case .real: #expect(try tensor.elements(Float.self).allSatisfy { -2 <= $0 && $0 < 2 })
    case .positive: #expect(try tensor.elements(Float.self).allSatisfy { 0.5 <= $0 && $0 <= 2 })
    case .share: #expect(try tensor.elements(Float.self).allSatisfy { 0 <= $0 && $0 < 1 })
    case .index: #expect(Set(try tensor.elements(Int64.self)) == Set(0..<7))
    case .boolean: #expect(tensor.withUnsafeBytes { Set($0) } == [0, 1])
    }
  }
}
