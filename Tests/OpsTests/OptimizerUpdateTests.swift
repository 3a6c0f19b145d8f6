import Glibc
import Testing
import TributaryOps

/// The optimiser updates against their formulas in double, and the schedules.
@Suite struct OptimizerUpdateTests {
  private func check(_ got: [Tensor], _ want: [[Double]]) {
    #expect(got.count == want.count)
    for (tensor, values) in zip(got, want) {
      let bound = tensor.dtype == .float32 ? 1e-6 : 1e-14
      for (one, other) in zip(tensor.doubles, values) {
        #expect(abs(one - other) <= bound * max(abs(other), 1))
      }
    }
  }

  @Test(arguments: [DType.float32, .float64], [[], [1], [37], [3, 70]] as [Shape])
  func updatesFollowTheirFormulas(_ dtype: DType, _ shape: Shape) throws {
    var random = TestRandom(10)
    let p = random.tensor(dtype, shape)
    let g = random.tensor(dtype, shape)
    let m = random.tensor(dtype, shape)
    let v = random.tensor(dtype, shape, in: 0.01...2)
    let rate = random.tensor(dtype, [], in: 0.1...0.2)
    let lr = rate.doubles[0]
    let elements = zip(zip(p.doubles, g.doubles), zip(m.doubles, v.doubles)).map { ($0.0, $0.1, $1.0, $1.1) }

    check(try SGDUpdate().evaluate(on: [p, g, rate]), [elements.map { p, g, _, _ in p - lr * g }])
    for nesterov in [false, true] {
      let got = try MomentumUpdate(momentum: 0.9, nesterov: nesterov).evaluate(on: [p, g, m, rate])
      let velocity = elements.map { _, g, m, _ in 0.9 * m + g }
      let moved = zip(elements, velocity).map { $0.0 - lr * (nesterov ? $0.1 + 0.9 * $1 : $1) }
      check(got, [moved, velocity])
    }
    for (decay, t) in [(0.0, 1), (0.1, 5)] {
      let op = AdamUpdate(beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: decay)
      let got = try op.evaluate(on: [p, g, m, v, rate, Tensor(Int64(t))])
      let first = elements.map { _, g, m, _ in 0.9 * m + 0.1 * g }
      let second = elements.map { _, g, _, v in 0.99 * v + 0.01 * g * g }
      let moved = elements.indices.map { i in
        let meanHat = first[i] / (1 - pow(0.9, Double(t)))
        let squareHat = second[i] / (1 - pow(0.99, Double(t)))
        return elements[i].0 * (1 - lr * decay) - lr * meanHat / (squareHat.squareRoot() + 1e-8)
      }
      check(got, [moved, first, second])
    }
    let mean = elements.map { _, g, _, v in 0.95 * v + 0.05 * g * g }
    check(
      try RMSPropUpdate(alpha: 0.95, epsilon: 1e-6).evaluate(on: [p, g, v, rate]),
      [zip(elements, mean).map { $0.0 - lr * $0.1 / ($1.squareRoot() + 1e-6) }, mean])
    let total = elements.map { _, g, _, v in v + g * g }
    check(
      try AdagradUpdate(epsilon: 1e-6).evaluate(on: [p, g, v, rate]),
      [zip(elements, total).map { $0.0 - lr * $0.1 / ($1.squareRoot() + 1e-6) }, total])
  }

  @Test func schedulesHaveTheirLandmarks() {
    let cosine = LearningRateSchedule.cosine(peak: 1, floor: 0.2, total: 10)
    #expect(cosine.rate(at: 0) == 1)
    #expect(abs(cosine.rate(at: 5) - 0.6) < 1e-15)
    #expect(abs(cosine.rate(at: 10) - 0.2) < 1e-15 && cosine.rate(at: 99) == cosine.rate(at: 10))
    let step = LearningRateSchedule.step(initial: 1, gamma: 0.5, every: 3)
    #expect((0..<7).map { step.rate(at: $0) } == [1, 1, 1, 0.5, 0.5, 0.5, 0.25])
    let warm = LearningRateSchedule.warmupLinear(peak: 1, warmup: 4, total: 8)
    #expect((0..<10).map { warm.rate(at: $0) } == [0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25, 0, 0])
    #expect(LearningRateSchedule.constant(0.3).rate(at: 77) == 0.3)
  }

  @Test func scheduledRatesAreRoundedOnce() throws {
    let schedule = LearningRateSchedule.cosine(peak: 0.1, floor: 0, total: 7)
    for step in 0..<9 {
      let input = Tensor(Int64(step))
      #expect(
        try ScheduledRate(schedule, dtype: .float32).evaluate(on: [input])[0].scalar()
          == Float(schedule.rate(at: step)))
      #expect(
        try ScheduledRate(schedule, dtype: .float64).evaluate(on: [input])[0].scalar()
          == schedule.rate(at: step))
    }
  }
}
