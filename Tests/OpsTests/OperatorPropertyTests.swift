import Testing

@testable import TributaryOps

/// What every operator promises: bits that do not depend on the cut, on the instruction set or on sharing bytes with an
/// input, and regions that tell the truth.
@Suite struct OperatorPropertyTests {
  /// Ways to cut output 0: along each axis in two and in three uneven parts, and along two axes at once.
  private func cuts(_ op: any Operator, _ signature: Signature) -> [[Region]] {
    let shape = signature.outputs[0].shape
    func cut(_ pieces: [Region], _ split: SplitAxis, parts: Int) -> [Region] {
      let length = shape[split.axis]
      var bounds = (0...parts).map { part in length * part * (part + 1) / (parts * (parts + 1)) }
      for index in bounds.indices.dropFirst().dropLast() { bounds[index] -= bounds[index] % split.multiple }
      return pieces.flatMap { piece in
        zip(bounds, bounds.dropFirst()).filter { $0 < $1 }.map {
          piece.replacing(axis: split.axis, with: $0..<$1)
        }
      }
    }
    let whole = [Region(whole: shape)]
    let axes = op.splitAxes(signature)
    var result = axes.flatMap { [cut(whole, $0, parts: 2), cut(whole, $0, parts: 3)] }
    if axes.count > 1 { result.append(cut(cut(whole, axes[0], parts: 3), axes[1], parts: 2)) }
    return result
  }

  @Test(arguments: OperatorCase.all + OperatorCase.products + OperatorCase.epilogues)
  func piecesGiveTheBitsOfTheWhole(_ example: OperatorCase) throws {
    let op = example.op
    let signature = try op.signature(for: example.inputs)
    let whole = try op.evaluate(on: example.inputs).map(\.bytes)
    for pieces in cuts(op, signature) {
      #expect(try op.evaluate(on: example.inputs, pieces: pieces).map(\.bytes) == whole, "cut as \(pieces)")
    }
  }

  @Test(arguments: OperatorCase.all)
  func instructionSetsAgree(_ example: OperatorCase) throws {
    let levels = VectorLevel.available.dropFirst(example.fusesProducts ? 1 : 0)
    guard let first = levels.first else { return }
    let expected = try VectorLevel.$override.withValue(first) {
      try example.op.evaluate(on: example.inputs).map(\.bytes)
    }
    for level in levels.dropFirst() {
      let got = try VectorLevel.$override.withValue(level) {
        try example.op.evaluate(on: example.inputs).map(\.bytes)
      }
      #expect(got == expected, "\(level)")
    }
  }

  /// Each piece is computed with NaN in every input element that it does not claim to read, into outputs of NaN, so that
  /// adding to what was there before shows.
  @Test(arguments: OperatorCase.all + OperatorCase.products + OperatorCase.epilogues)
  func regionsTellTheTruth(_ example: OperatorCase) throws {
    let op = example.op
    let signature = try op.signature(for: example.inputs)
    let whole = try op.evaluate(on: example.inputs)
    for piece in cuts(op, signature).joined() {
      let inputs = example.inputs.enumerated().map { index, tensor in
        let read = op.inputRegion(index, for: piece, signature)
        return TensorStorage(of: tensor, keeping: read, otherwise: 0xff)
      }
      let outputs = whole.map { TensorStorage(of: $0, keeping: nil, otherwise: 0xff) }
      try op.run(signature, inputs: inputs, outputs: outputs, pieces: [piece])
      for (index, tensor) in whole.enumerated() {
        let written = op.outputRegion(index, for: piece, signature)
        let expected = TensorStorage(of: tensor, keeping: written, otherwise: 0xff)
        #expect(outputs[index].bytes == expected.bytes, "output \(index) of piece \(piece)")
      }
    }
  }

  @Test(arguments: OperatorCase.all + OperatorCase.products + OperatorCase.epilogues)
  func outputsMayTakeTheInputsTheyClaim(_ example: OperatorCase) throws {
    let op = example.op
    let signature = try op.signature(for: example.inputs)
    let whole = try op.evaluate(on: example.inputs).map(\.bytes)
    let ways = cuts(op, signature) + [[Region(whole: signature.outputs[0].shape)]]
    for input in signature.inputs.indices {
      for output in signature.outputs.indices
      where op.mayOverwrite(input: input, withOutput: output, signature) {
        #expect(signature.inputs[input] == signature.outputs[output])
        for pieces in ways {
          let inputs = example.inputs.map {
            TensorStorage(of: $0, keeping: Region(whole: $0.shape), otherwise: 0)
          }
          var outputs = signature.outputs.map { TensorStorage(byteCount: $0.byteCount) }
          outputs[output] = inputs[input]
          try op.run(signature, inputs: inputs, outputs: outputs, pieces: pieces)
          #expect(outputs.map(\.bytes) == whole, "output \(output) in input \(input), cut as \(pieces)")
        }
      }
    }
  }
}

extension TensorStorage {
  /// A copy of a tensor's bytes inside a region, and a byte everywhere else.
  fileprivate convenience init(of tensor: Tensor, keeping region: Region?, otherwise poison: UInt8) {
    self.init(byteCount: tensor.type.byteCount)
    baseAddress.initializeMemory(as: UInt8.self, repeating: poison, count: byteCount)
    let size = tensor.dtype.byteCount
    tensor.withUnsafeBytes { source in
      region?.forEachRun(in: tensor.shape) { offset, length in
        guard length > 0 else { return }
        (baseAddress + offset * size).copyMemory(
          from: source.baseAddress! + offset * size, byteCount: length * size)
      }
    }
  }

  fileprivate var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: baseAddress, count: byteCount)) }
}
