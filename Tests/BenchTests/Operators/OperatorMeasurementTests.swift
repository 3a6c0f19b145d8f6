import Testing
import TributaryMeasuring

@testable import TributaryBench

/// What is made of the times: shares of the roofline, verdicts, rows.
@Suite struct OperatorMeasurementTests {
  private static let roofline = Roofline(flopsPerSecond: 100e9, bytesPerSecond: 20e9)

  @Test func theSlowerOfTheTwoRatesBounds() {
    let streaming = CallWork(flops: 1e6, bytes: 20e6)
    #expect(OperatorMeasurementTests.roofline.seconds(streaming) == 1e-3)
    #expect(OperatorMeasurementTests.roofline.share(streaming, seconds: 2e-3) == 0.5)
    let computing = CallWork(flops: 200e6, bytes: 20e6)
    #expect(OperatorMeasurementTests.roofline.share(computing, seconds: 2e-3) == 1)
  }

  @Test func verdictsDependOnTheSize() {
    func verdict(_ goal: OperatorGoal, _ size: ShapeClass, peer: Double? = 0.9) -> OperatorGoal.Verdict {
      goal.verdict(size, ofTriad: 0.6, ofProducts: 0.96, ofPeer: peer)
    }
    #expect(verdict(.bandwidth, .memory) == .missed(reached: 0.6, goal: 0.7, of: "triad"))
    #expect(verdict(.bandwidth, .cache) == .none)
    #expect(verdict(.bandwidth, .small) == .met)
    #expect(verdict(.bandwidth, .small, peer: 0.7) == .missed(reached: 0.7, goal: 0.8, of: "PyTorch"))
    #expect(verdict(.bandwidth, .small, peer: nil) == .none)
    #expect(verdict(.products, .cache) == .met)
    #expect(verdict(.peer, .cache) == .missed(reached: 0.9, goal: 1, of: "PyTorch"))
    #expect(verdict(.peer, .cache, peer: nil) == .none)
    #expect(verdict(.convolutions, .memory) == .met)
    #expect(verdict(.none, .memory) == .none)
  }

  @Test func aRowIsOfTheKernelsOnOneThreadAndOfTheRunOnMore() throws {
    let subject = try #require(OperatorSubject.all.first { $0.name == "exp" })
    let measured = OperatorCase(subject: subject, size: .memory, isGradient: false)
    let work = CallWork(flops: 40_000, bytes: 20_000)
    let one = OperatorMeasurement(kernel: 1000, run: 2000, peer: 1500, work: work)
    let row = one.row(measured, threads: 1, OperatorMeasurementTests.roofline)
    #expect(row["operator"] == .text("exp") && row["size"] == "memory")
    #expect(row["kernel_ns"]?.text == "1000" && row["run_ns"]?.text == "2000")
    #expect(row["gflops"]?.text == "40.00" && row["gbs"]?.text == "20.00")
    #expect(row["roofline"]?.text == "1.00")
    #expect(row["vs_torch"]?.text == "1.50" && row["run_vs_torch"]?.text == "0.75")
    #expect(row["goal"] == "met")

    let two = OperatorMeasurement(kernel: nil, run: 2000, peer: 1500, work: work)
    let other = two.row(measured, threads: 2, OperatorMeasurementTests.roofline)
    #expect(other["kernel_ns"] == .missing && other["vs_torch"]?.text == "0.75")
    #expect(other["goal"] == "75 % of PyTorch, not 100 %")

    let alone = OperatorMeasurement(kernel: 1000, run: 2000, peer: nil, work: work)
    let json = alone.row(measured, threads: 1, OperatorMeasurementTests.roofline).json
    #expect(json.contains("\"vs_torch\": null") && json.contains("\"goal\": null"))
    #expect(json.contains("\"shapes\": \"16384×1024\""))
  }

  @Test func ratesAreMeasured() throws {
    let rates = try MachineRates(threads: 2, seconds: 0.001)
    #expect(rates.products.flopsPerSecond > 0 && !rates.products.backEnd.isEmpty)
    #expect(ShapeClass.allCases.allSatisfy { (rates.triad[$0] ?? 0) > 0 && (rates.copy[$0] ?? 0) > 0 })
  }
}
