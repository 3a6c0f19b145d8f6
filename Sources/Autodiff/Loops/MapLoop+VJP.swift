internal import TributaryOps

extension MapLoop: DifferentiableOperator {
  /// A map over the same slices and those of the cotangents: each step builds its values again and pulls the cotangents of what it
  /// gave out back to what it was given. What captured values get in each step is added up afterwards.
  func vjp(_ context: VJPContext) -> [Value?] {
    var loop = LoopBuilder(inside: context.builder)
    let body = loop.body
    var sliced = Array(context.inputs.prefix(slicedCount))
    let slices = sliced.map { loop.slice(of: $0) }
    var seeds: [(output: Int, cotangent: Value)] = []
    for (output, cotangent) in context.cotangents.enumerated() {
      guard let cotangent else { continue }
      sliced.append(cotangent)
      seeds.append((output, loop.slice(of: cotangent)))
    }
    let inputs = slices + context.inputs.dropFirst(slicedCount).map(body.adopted)
    let wanted = inputs.indices.filter { context.needs($0) }
    let gradients = loop.building {
      let replayed = self.body.replay(in: body, inputs)
      return body.gradients(
        of: seeds.map { replayed[$0.output] }, cotangents: seeds.map(\.cotangent),
        withRespectTo: wanted.map { inputs[$0] })
    }
    var outputs: [Value] = []
    var places: [Int: Range<Int>] = [:]
    for (input, gradient) in zip(wanted, gradients.all) {
      let factors = input < slicedCount ? nil : body.factors(of: gradient)
      let made = factors.map { [$0.left, $0.right] } ?? [gradient]
      places[input] = outputs.count..<outputs.count + made.count
      outputs += made
    }
    guard let stacks = loop.finishMap(sliced: sliced, outputs: outputs, length: length, .unknown) else {
      return context.inputs.map { _ in context.builder.poisoned() }
    }
    return context.inputs.indices.map { input in
      guard let place = places[input] else { return nil }
      if input < slicedCount { return stacks[place.lowerBound] }
      if place.count == 2 {
        return context.productOfStacks(stacks[place.lowerBound], stacks[place.lowerBound + 1])
      }
      return reduce(.sum, stacks[place.lowerBound], [0], false)
    }
  }
}
