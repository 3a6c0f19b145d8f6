internal import TributaryMeasuring
internal import TributaryOps

/// The measurements behind the table that says who computes a matrix product: every way at the shapes that training meets.
struct ProductTuning {
  /// How long to measure each way, in seconds.
  let seconds: Double
  /// The products.
  var probes = ProductTuning.all

  /// m, k, n: squares, then the products of the workloads and their weight gradients, then columns and thin strips.
  private static let shapes: [(Int, Int, Int)] = [
    (16, 16, 16), (32, 32, 32), (64, 64, 64), (128, 128, 128), (256, 256, 256), (512, 512, 512),
    (1024, 1024, 1024), (32, 128, 128), (128, 784, 512), (128, 512, 512), (784, 128, 512), (512, 128, 512),
    (256, 1024, 2048), (256, 2048, 2048), (64, 256, 1024), (1024, 256, 256), (1024, 256, 1024),
    (1024, 1024, 256), (784, 128, 256), (128, 256, 10), (512, 512, 1), (4, 64, 10), (8, 256, 256),
  ]

  /// The shapes of float64 products: fewer, since there are fewer ways.
  private static let doubleShapes = [
    (16, 16, 16), (64, 64, 64), (256, 256, 256), (512, 512, 512), (128, 784, 512),
  ]

  /// Every shape in every form.
  static let all: [ProductProbe] = probes(shapes, .float32) + probes(doubleShapes, .float64)

  private static func probes(_ shapes: [(Int, Int, Int)], _ dtype: DType) -> [ProductProbe] {
    shapes.flatMap { m, k, n in
      [(false, false), (false, true), (true, false)].map { a, b in
        ProductProbe(m, k, n, transposeA: a, transposeB: b, dtype: dtype)
      }
    }
  }

  /// Measures all, on the calling thread, and prints a row each: GFLOP/s of each way, the fastest, what the table says, and the
  /// latter's share of the fastest one's rate.
  func run(json: JSONLines?) throws {
    let names = ProductProbe(1, 1, 1).ways.map(\.description)
    var report = Report(
      [.init("product", width: 14), .init("form"), .init("dtype", width: 7)]
        + names.map { .init($0, width: 6) }
        + [.init("fastest", width: 13), .init("table", width: 13), .init("share", width: 6)], json: json)
    var shares: [(share: Double, name: String)] = []
    for probe in probes {
      let rates = try rates(of: probe)
      guard let fastest = rates.max(by: { $0.rate < $1.rate }),
        let chosen = rates.first(where: { $0.way == probe.chosen })
      else { continue }
      let name = "\(probe.m)×\(probe.k)×\(probe.n)"
      let share = chosen.rate / fastest.rate
      shares.append((share, "\(name) \(probe.form) in \(probe.dtype)"))
      let measured = names.map { name in
        (
          name,
          rates.first { $0.way.description == name }.map { Row.Cell.number($0.rate, decimals: 1) } ?? .missing
        )
      }
      try report.add(
        Row(
          [("product", .text(name)), ("form", .text(probe.form)), ("dtype", .text("\(probe.dtype)"))]
            + measured
            + [
              ("fastest", .text(fastest.way.description)), ("table", .text(chosen.way.description)),
              ("share", .number(share, decimals: 2)), ("libraries", .text(KernelLibraries.description)),
            ]))
    }
    let near = shares.count { $0.share >= 0.95 }
    print(
      "GFLOP/s on one thread; the table's choice reaches 95 % of the fastest at \(near) of \(shares.count) shapes"
    )
    if let worst = shares.min(by: { $0.share < $1.share }) {
      print("furthest from it: \(worst.name), \(Int((worst.share * 100).rounded())) %")
    }
  }

  /// The best rate of each way in GFLOP/s, measured in turn several times over.
  private func rates(of probe: ProductProbe) throws -> [(way: ProductProbe.Way, rate: Double)] {
    var timers = try probe.ways.map { way in (way: way, timer: try CallTimer(try probe.product(by: way))) }
    let rounds = 5
    for _ in 0..<rounds {
      for index in timers.indices { try timers[index].timer.measure(seconds: seconds / Double(rounds)) }
    }
    return timers.map { ($0.way, probe.flops / $0.timer.minimum) }
  }
}
