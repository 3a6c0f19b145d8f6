public import TributaryOps

/// Compares the derivatives of a function of values with central differences in f64.
///
/// ```swift
/// let report = try GradientCheck().run(at: [a, b]) { g, x in tanh(matmul(x[0], x[1])) }
/// precondition(report.passed, report.description)
/// ```
///
/// The function's result y is made a number, Σ y·c with fixed c between −1 and 1, so that every element counts. Every
/// element of every f64 point is moved up and down by a step; other points (classes, indices, masks) stay. One check
/// evaluates the graph 2n + 1 times for n elements. The function should be smooth around the points.
public struct GradientCheck: Sendable {
  /// How far an element x is moved, in units of max(1, |x|). The default balances the difference's own errors,
  /// step² against 2⁻⁵³/step.
  public var step: Double

  /// The largest difference allowed, in units of max(1, largest derivative by the same point).
  public var tolerance: Double

  /// Which derivative is checked: 1 the gradient of y, 2 the gradient of Σ (gradient of y)·c, and so on.
  public var order: Int

  /// A check with its settings.
  public init(step: Double = 1e-5, tolerance: Double = 1e-7, order: Int = 1) {
    self.step = step
    self.tolerance = tolerance
    self.order = order
  }

  /// The outcome for one point: the element where derivative and difference disagree most.
  public struct Entry: Sendable, Hashable, CustomStringConvertible {
    /// Which point.
    public let input: Int
    /// Which element, in row-major order.
    public let element: Int
    /// The derivative built by the rules.
    public let derivative: Double
    /// The central difference.
    public let difference: Double
    /// Their distance, in units of max(1, largest derivative by this point).
    public let error: Double

    /// `input 0 element 3: derivative 0.25, difference 0.2500001, error 1e-07`.
    public var description: String {
      "input \(input) element \(element): derivative \(derivative), difference \(difference), error \(error)"
    }
  }

  /// What a check has found.
  public struct Report: Sendable, CustomStringConvertible {
    /// The worst element of each differentiated point.
    public let entries: [Entry]

    /// The bound that was applied.
    public let tolerance: Double

    /// The largest error; 0 where nothing was differentiated.
    public var largestError: Double { entries.map(\.error).max() ?? 0 }

    /// Whether every error is within the bound; NaN is not.
    public var passed: Bool { entries.allSatisfy { $0.error <= tolerance } }

    /// One line a point.
    public var description: String {
      let heading = "gradient check \(passed ? "passed" : "failed"), tolerance \(tolerance)"
      return ([heading] + entries.map { "  \($0)" }).joined(separator: "\n")
    }
  }

  /// Checks a function at some points.
  ///
  /// - Parameters:
  ///   - points: Where the function is evaluated; f64 points are differentiated.
  ///   - function: Builds the function of the points, given as inputs of a fresh builder.
  /// - Throws: `GraphError` for mistakes of the function, ``InterpreterError`` where it cannot be evaluated.
  public func run(at points: [Tensor], _ function: (GraphBuilder, [Value]) -> Value) throws -> Report {
    let builder = GraphBuilder()
    let inputs = points.enumerated().map { builder.input("x\($0)", $1.shape, dtype: $1.dtype) }
    let differentiated = points.indices.filter { points[$0].dtype == .float64 }
    let variables = differentiated.map { inputs[$0] }

    var target = weighted(function(builder, inputs), in: builder)
    for _ in 1..<Swift.max(order, 1) {
      let gradients = builder.gradients(of: target, withRespectTo: variables)
      target = gradients.all.map { weighted($0, in: builder) }.reduce(builder.constant(0, dtype: .float64), +)
    }
    let gradients = builder.gradients(of: target, withRespectTo: variables)
    let value = GraphInterpreter(try builder.graph(fetching: [target]).simplified())
    let derivative = GraphInterpreter(try builder.graph(fetching: gradients.all).simplified())

    var feeds: [String: Tensor] = [:]
    for (index, point) in points.enumerated() { feeds["x\(index)"] = point }
    let derivatives = try derivative.run(feeding: feeds).fetches
    var entries: [Entry] = []
    for (index, tensor) in zip(differentiated, derivatives) {
      let analytic = try tensor.elements(Double.self)
      var numeric: [Double] = []
      for element in analytic.indices {
        numeric.append(try difference(value, feeds, "x\(index)", element))
      }
      if let entry = worst(index, analytic, numeric) { entries.append(entry) }
    }
    return Report(entries: entries, tolerance: tolerance)
  }

  /// Σ y·c with c spread over −1 … 1 by multiples of the golden ratio.
  private func weighted(_ y: Value, in builder: GraphBuilder) -> Value {
    guard !y.isPoisoned else { return y }
    let weights = (1...Swift.max(y.type.elementCount, 1)).map { index in
      2 * (Double(index) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1) - 1
    }.prefix(y.type.elementCount)
    guard let tensor = try? Tensor(Array(weights), shape: y.shape) else { return y }
    return sum(y * builder.constant(tensor))
  }

  private func difference(
    _ interpreter: GraphInterpreter, _ feeds: [String: Tensor], _ name: String, _ element: Int
  ) throws -> Double {
    guard let point = feeds[name] else { return .nan }
    var elements = try point.elements(Double.self)
    let middle = elements[element]
    let reach = step * Swift.max(1, Swift.abs(middle))
    func evaluate(_ x: Double) throws -> Double {
      elements[element] = x
      var moved = feeds
      moved[name] = try Tensor(elements, shape: point.shape)
      return try interpreter.run(feeding: moved).fetches[0].scalar(Double.self)
    }
    // The distance as it is after rounding.
    let (above, below) = (middle + reach, middle - reach)
    return (try evaluate(above) - evaluate(below)) / (above - below)
  }

  private func worst(_ input: Int, _ analytic: [Double], _ numeric: [Double]) -> Entry? {
    let scale = analytic.reduce(1) { Swift.max($0, Swift.abs($1)) }
    let entries = analytic.indices.map { element in
      Entry(
        input: input, element: element, derivative: analytic[element], difference: numeric[element],
        error: Swift.abs(analytic[element] - numeric[element]) / scale)
    }
    if let undefined = entries.first(where: \.error.isNaN) { return undefined }
    return entries.max { $0.error < $1.error }
  }
}
