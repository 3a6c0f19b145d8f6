internal import TributaryOps

/// How every step is cut into shards: for each the regions of its first output, empty where it stays whole.
///
/// Cuts follow from shapes, from the static cost model and from ``Granularity``, never from the number of workers,
/// since cutting a product changes its last bits. A matrix product is cut along its columns first, then along its
/// rows; an accumulating product takes the cuts of a product that it accumulates onto, an epilogue those of its
/// root. Other operators take the cuts of an equally shaped input where these are worth it, so that one shard waits
/// for one shard, and else are cut into pieces of equal cost.
struct ShardPlan: Sendable {
  /// For each step the regions of its first output, in row-major order of the cuts; empty when whole.
  private(set) var regions: [[Region]]

  /// For each step the seconds of all its work.
  private(set) var seconds: [Double]

  private let granularity: Granularity

  /// Cuts every step of a graph. O(steps + shards).
  init(_ graph: StepGraph, granularity: Granularity) {
    self.granularity = granularity
    regions = Array(repeating: [], count: graph.steps.count)
    seconds = Array(repeating: 0, count: graph.steps.count)
    for index in graph.steps.indices where !graph.steps[index].isView {
      guard let applied = graph.steps[index].applied else { continue }
      let signature = graph.signature(of: index)
      let kind = CostModel.kind(of: applied)
      seconds[index] = CostModel.seconds(applied, kind, signature)
      if granularity.maximumShards > 1, signature.outputs[0].elementCount > 1 {
        regions[index] =
          if let epilogue = applied as? Epilogue {
            // Cut like its root, so that what follows changes no bit of it.
            cut(graph, index, epilogue.root, kind, epilogue.rootSignature(signature))
          } else {
            cut(graph, index, applied, kind, signature, seconds: seconds[index])
          }
      }
    }
  }

  private func cut(
    _ graph: StepGraph, _ index: Int, _ applied: any Operator, _ kind: CostModel.Kind, _ signature: Signature,
    seconds known: Double? = nil
  ) -> [Region] {
    let seconds = known ?? CostModel.seconds(applied, kind, signature)
    let isProduct = kind == .product
    let least = kind == .stream ? granularity.streamSeconds : granularity.matrixSeconds
    let mayAlign = !isProduct && seconds >= 2 * granularity.alignedSeconds
    let mayCut = seconds >= 2 * least
    guard mayAlign || mayCut else { return [] }
    let axes = applied.splitAxes(signature)
    guard !axes.isEmpty else { return [] }
    let step = graph.steps[index]
    if isProduct {
      if let aligned = accumulated(graph, step, signature) { return aligned }
    } else if mayAlign, let aligned = alignedWithInput(graph, step, applied, signature, axes, seconds) {
      return aligned
    }
    guard mayCut else { return [] }
    var remaining =
      least > 0 ? Int(min(seconds / least, Double(granularity.maximumShards))) : granularity.maximumShards
    var made = 1
    var cuts: [(axis: Int, pieces: Int, multiple: Int)] = []
    let rank = signature.outputs[0].rank
    for axis in axes where remaining > 1 {
      var minimum = shortest(along: axis)
      if isProduct && axis.axis == rank - 1 { minimum = granularity.matrixColumns }
      if isProduct && axis.axis == rank - 2 {
        guard made < granularity.rowShards else { continue }
        minimum = granularity.matrixRows
        remaining = min(remaining, granularity.rowShards / made)
      }
      let pieces = min(remaining, signature.outputs[0].shape[axis.axis] / max(minimum, 1))
      guard pieces > 1 else { continue }
      cuts.append((axis.axis, pieces, axis.multiple))
      made *= pieces
      remaining = (remaining + pieces - 1) / pieces
    }
    return ShardPlan.grid(signature.outputs[0].shape, cuts)
  }

  /// The least length of a shard along an axis.
  private func shortest(along axis: SplitAxis) -> Int {
    max(axis.minimum / max(granularity.narrowing, 1), min(axis.minimum, axis.multiple), 1)
  }

  /// The cuts of the product that an accumulating product adds to.
  private func accumulated(_ graph: StepGraph, _ step: StepGraph.Step, _ signature: Signature) -> [Region]? {
    guard signature.inputs.count == 3 else { return nil }
    let value = graph.values[step.inputs[2]]
    guard value.type == signature.outputs[0], graph.steps[value.step].applied is MatMul,
      !regions[value.step].isEmpty
    else { return nil }
    return regions[value.step]
  }

  /// The cuts of the first input of the output's shape whose producer is cut, where they suit.
  private func alignedWithInput(
    _ graph: StepGraph, _ step: StepGraph.Step, _ applied: any Operator, _ signature: Signature,
    _ axes: [SplitAxis], _ seconds: Double
  ) -> [Region]? {
    let shape = signature.outputs[0].shape
    for (index, input) in step.inputs.prefix(signature.inputs.count).enumerated() {
      let value = graph.values[input]
      let candidate = regions[value.step]
      guard value.type.shape == shape, value.output == 0, candidate.count > 1,
        seconds >= Double(candidate.count) * granularity.alignedSeconds
      else { continue }
      let suits = candidate.allSatisfy { region in
        for axis in 0..<region.rank where region[axis].count != shape[axis] {
          guard let split = axes.first(where: { $0.axis == axis }),
            region[axis].count >= shortest(along: split),
            region[axis].lowerBound % max(split.multiple, 1) == 0
          else { return false }
        }
        return true
      }
      if suits, applied.inputRegion(index, for: candidate[0], signature) == candidate[0] { return candidate }
    }
    return nil
  }

  /// The boxes of a grid of cuts; empty when nothing is cut.
  private static func grid(_ shape: Shape, _ cuts: [(axis: Int, pieces: Int, multiple: Int)]) -> [Region] {
    var boxes = [Region(whole: shape)]
    for cut in cuts.sorted(by: { $0.axis < $1.axis }) {
      let length = shape[cut.axis]
      let multiple = max(cut.multiple, 1)
      var bounds = (0...cut.pieces).map { length * $0 / cut.pieces / multiple * multiple }
      bounds[cut.pieces] = length
      let ranges = zip(bounds, bounds.dropFirst()).filter { $0 < $1 }.map { $0..<$1 }
      boxes = boxes.flatMap { box in ranges.map { box.replacing(axis: cut.axis, with: $0) } }
    }
    return boxes.count > 1 ? boxes : []
  }
}
