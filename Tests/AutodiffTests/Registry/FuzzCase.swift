import Synchronization
import TributaryOps
import TributaryScheduler

@testable import TributaryAutodiff

/// One random graph: built, simplified, differentiated both ways, compiled and run.
///
/// Sound uses of registered operators are chained, some of them inside loops, branches and regions that are computed
/// again; others get operands that do not fit; or operators and functions are called with anything. The same seed makes
/// the same case.
struct FuzzCase {
  let seed: Int

  /// What came of a case.
  enum Outcome: Hashable {
    /// Refused with reasons, as it was built or differentiated.
    case refused
    /// Typed, but too large to be computed.
    case built
    /// Run, with the same outcome at two thread counts.
    case ran
  }

  /// A broken promise.
  struct Broken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
  }

  /// How a run ended: with the results' bytes, or with a fault.
  private enum Ending: Equatable {
    case results([[UInt8]])
    case fault(RunError.Code)
  }

  func run() throws -> Outcome {
    var draw = Draw(seed: seed, size: 30)
    let g = GraphBuilder()
    var feeds: [Value: Tensor] = [:]
    let outputs: [Value]
    let isSound: Bool
    switch draw.below(4) {
    case 0, 1:
      outputs = try chain(g, &draw, &feeds)
      isSound = true
    case 2:
      let family = draw.pick(OperatorFamily.all)
      let use = try family.sound(&draw)
      let types = use.corrupted(&draw)
      outputs = use.build(g, types.enumerated().map { g.input("x\($0)", $1.shape, dtype: $1.dtype) })
      isSound = false
    default:
      let operands = draw.operands(g)
      let applied = draw.pick(OperatorFamily.all.compactMap(\.wild))(&draw)
      outputs = draw.coin() ? g.apply(applied, to: operands) : draw.call(g, operands)
      isSound = false
    }
    let graph: Graph
    do {
      graph = try g.graph(fetching: outputs)
    } catch {
      guard !isSound else { throw Broken("a sound graph is refused: \(error)") }
      guard error.issues.allSatisfy({ !$0.message.isEmpty && !$0.subject.isEmpty }) else {
        throw Broken("an error without reasons: \(error)")
      }
      return .refused
    }
    guard graph.isSmall, !graph.description.isEmpty, !graph.dot.isEmpty else { return .built }
    return try compute(g, outputs, &feeds, &draw)
  }

  /// Up to four uses; floating-point operands come from results of earlier ones about every second time.
  private func chain(
    _ g: GraphBuilder, _ draw: inout Draw, _ feeds: inout [Value: Tensor]
  ) throws -> [Value] {
    let isNarrow = draw.coin()
    var pool: [Value] = []
    for _ in 0...draw.below(4) {
      var use = try draw.pick(OperatorFamily.all).sound(&draw)
      if isNarrow { use = try use.narrowed() }
      let operands = use.points.map { point -> Value in
        let sources = pool.filter { $0.dtype == point.dtype }
        if draw.coin(), !sources.isEmpty, let fitted = draw.pick(sources).fitted(to: point.shape) {
          return fitted
        }
        let input = g.input("x\(feeds.count)", point.shape, dtype: point.dtype)
        feeds[input] = point
        return input
      }
      pool += wrapped(use, operands, g, &draw)
    }
    return pool
  }

  /// A use as it is, computed again in the backward pass, or within a loop or a branch.
  private func wrapped(
    _ use: OperatorUse, _ operands: [Value], _ g: GraphBuilder, _ draw: inout Draw
  ) -> [Value] {
    switch draw.below(10) {
    case 0, 1: return g.recompute { use.build(g, operands) }
    case 2 where !operands.isEmpty:
      return g.map(over: operands.map { stack([$0, $0, $0]) }) { use.build(g, $0) }
    case 3 where !operands.isEmpty:
      let start = g.constant(Tensor(Int64(0)))
      let loop = g.scan(
        carrying: [start], over: operands.map { stack([$0, $0]) }, reverse: draw.coin()
      ) { carried, slices in ([carried[0] + 1], use.build(g, slices)) }
      return loop.carried + loop.outputs
    case 4:
      let isTaken = g.constant(Tensor(draw.coin()))
      return g.cond(isTaken) {
        use.build(g, operands)
      } else: {
        use.build(g, operands)
      }
    default: return use.build(g, operands)
    }
  }

  private func compute(
    _ g: GraphBuilder, _ outputs: [Value], _ feeds: inout [Value: Tensor], _ draw: inout Draw
  ) throws -> Outcome {
    let smooth = outputs.filter(\.dtype.isFloatingPoint)
    let variables = g.inputs.filter(\.dtype.isFloatingPoint)
    guard OperatorUse.isDifferentiable(g) else {
      return try compare(g, outputs, &feeds, &draw)
    }
    let gradients = g.gradients(of: smooth, cotangents: smooth.map { sin($0) }, withRespectTo: variables)
    let tangents = g.jvp(of: smooth, withRespectTo: variables, tangents: variables.map { sin($0) })
    let fetches = outputs + gradients.all + tangents
    do {
      _ = try g.graph(fetching: fetches)
    } catch {
      // Derivatives of large values may be larger than can be typed at all.
      guard error.issues.allSatisfy({ $0.code == .notDifferentiable }) else {
        throw Broken("a typed graph is not differentiated: \(error)")
      }
      return .refused
    }
    return try compare(g, draw.below(8) == 0 ? outputs : fetches, &feeds, &draw)
  }

  /// Compiles and runs a graph at two thread counts.
  private func compare(
    _ g: GraphBuilder, _ fetches: [Value], _ feeds: inout [Value: Tensor], _ draw: inout Draw
  ) throws -> Outcome {
    let graph = try g.graph(fetching: fetches)
    guard graph.isSmall, graph.simplified().fetches.count == fetches.count else { return .built }
    let executable = try Executable(
      graph: graph, fetching: fetches,
      options: CompileOptions(granularity: draw.coin() ? .finest : .default))
    guard executable.plan.complaints.isEmpty else { throw Broken("\(executable.plan.complaints)") }
    // Others may be of any size.
    let needed = Set(executable.inputs.map(\.name))
    for input in g.inputs where feeds[input] == nil && needed.contains(input.name) {
      feeds[input] = try draw.tensor(of: input.type)
    }
    let fed = feeds.filter { needed.contains($0.key.name) }
    let first = try outcome(executable, fed, on: Executors.all[0])
    let second = try outcome(executable, fed, on: Executors.all[2])
    guard first == second else { throw Broken("1 and 3 threads disagree: \(first) and \(second)") }
    return .ran
  }

  /// The bytes of the results, or the code of the fault.
  private func outcome(
    _ executable: Executable, _ feeds: [Value: Tensor], on executor: GraphExecutor
  ) throws -> Ending {
    // Random operators count their steps in a state.
    let store = ParameterStore(executable, seed: 1)
    do throws(RunError) {
      return .results(try executable.run(on: executor, store, feeding: feeds).tensors.map(\.bytes))
    } catch {
      guard [.indexOutOfRange, .divisionByZero, .notFinite].contains(error.code), !error.message.isEmpty
      else { throw Broken("a run fails: \(error)") }
      return .fault(error.code)
    }
  }
}

extension GraphBuilder {
  /// The inputs declared so far.
  fileprivate var inputs: [Value] {
    contents.withLock { contents in
      contents.nodes.indices.compactMap { index in
        guard case .input = contents.nodes[index].kind else { return nil }
        return Value(
          builder: self, id: ValueID(node: index, output: 0), type: contents.nodes[index].outputs[0])
      }
    }
  }
}

extension Value {
  /// Its elements, between −1 and 1, repeated or cut off to fill a shape; nil where it has none to give.
  fileprivate func fitted(to shape: Shape) -> Value? {
    let (have, want) = (type.elementCount, shape.elementCount)
    guard dtype.isFloatingPoint, have > 0, want > 0 else { return nil }
    let row = tile(reshape(sin(self), [have]), repeats: [(want + have - 1) / have])
    return reshape(slice(row, axis: 0, 0..<want), shape)
  }
}

extension OperatorUse {
  /// The operands' types, one of which no longer fits; at times more of them or fewer.
  func corrupted(_ draw: inout Draw) -> [TensorType] {
    var types = points.map(\.type)
    guard !types.isEmpty, draw.below(6) > 0 || !takesAnyCount else {
      guard takesAnyCount else { return types }
      return draw.coin() && !types.isEmpty
        ? types.dropLast() : types + [TensorType(draw.dtype(), draw.shape())]
    }
    let index = draw.below(types.count)
    var (dtype, shape) = (types[index].dtype, types[index].shape)
    switch draw.below(5) {
    case 0: dtype = draw.dtype()
    case 1: shape = Shape(shape.dimensions + [1 + draw.below(2)])
    case 2: shape = Shape(shape.dimensions.dropFirst())
    case 3 where shape.rank > 0: shape[draw.below(shape.rank)] += 1 + draw.below(2)
    default: dtype = dtype == .float64 ? .float32 : .float64
    }
    types[index] = TensorType(dtype, shape)
    return types
  }
}

extension Draw {
  /// Numbers of a type; integers between −1 and 3.
  fileprivate mutating func tensor(of type: TensorType) throws -> Tensor {
    let count = type.elementCount
    switch type.dtype {
    case .float32:
      return try Tensor((0..<count).map { _ in Float(3 * numbers.next() - 1.5) }, shape: type.shape)
    case .float64: return try tensor(type.shape)
    case .int32: return try Tensor((0..<count).map { _ in Int32(below(5) - 1) }, shape: type.shape)
    case .int64: return try Tensor((0..<count).map { _ in Int64(below(5) - 1) }, shape: type.shape)
    case .bool: return try mask(type.shape)
    }
  }
}
