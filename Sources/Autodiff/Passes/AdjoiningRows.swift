internal import TributaryOps

/// Where a value's elements lie: in which value, of which it is a look at the same bytes, and from which element on.
struct ViewedElements: Hashable {
  /// The value that is computed or given.
  var root: ValueID
  /// The elements before.
  var offset: Int

  /// Follows reshapes and slices of leading axes back.
  init(of id: ValueID, in nodes: [Node]) {
    root = id
    offset = 0
    while case .apply(let applied) = nodes[root.node].kind, nodes[root.node].outputs.count == 1,
      let input = nodes[root.node].inputs.first
    {
      let type = nodes[input.node].outputs[input.output]
      let signature = Signature(
        inputs: nodes[root.node].inputs.map { nodes[$0.node].outputs[$0.output] },
        outputs: nodes[root.node].outputs)
      guard type.dtype == nodes[root.node].outputs[0].dtype, let start = applied.viewOffset(signature) else {
        break
      }
      offset += start
      root = input
    }
  }
}

extension GraphRewriter {
  /// Matrices of one width put one under the other: a look at the value that they are the adjoining rows of, else a copy.
  mutating func stacked(_ matrices: [ValueID], inPlaceOf node: Node) -> ValueID {
    let type = type(of: matrices[0])
    let rows = matrices.reduce(0) { $0 + self.type(of: $1).shape[0] }
    let place = ViewedElements(of: matrices[0], in: nodes)
    if adjoin(matrices), let matrix = matrix(rows: rows, width: type.shape[1], at: place, inPlaceOf: node) {
      return matrix
    }
    let output = TensorType(type.dtype, [rows, type.shape[1]])
    return append(Concat(axis: 0), matrices, output, inPlaceOf: node)
  }

  /// A matrix that lies in a value's elements; nil where they do not fall into rows of its width.
  mutating func matrix(rows: Int, width: Int, at place: ViewedElements, inPlaceOf node: Node) -> ValueID? {
    let source = type(of: place.root)
    guard place.offset % width == 0, source.elementCount % width == 0 else { return nil }
    let whole = TensorType(source.dtype, [source.elementCount / width, width])
    let matrix =
      source == whole ? place.root : append(Reshape(shape: whole.shape), [place.root], whole, inPlaceOf: node)
    return rowsOf(matrix, place.offset / width..<place.offset / width + rows, inPlaceOf: node)
  }

  /// Whether matrices of one width are the adjoining rows of one value.
  func adjoin(_ matrices: [ValueID]) -> Bool {
    var next: ViewedElements?
    for matrix in matrices {
      let own = ViewedElements(of: matrix, in: nodes)
      guard next == nil || own == next else { return false }
      next = ViewedElements(root: own.root, offset: own.offset + type(of: matrix).elementCount)
    }
    return true
  }

  /// Some rows of a matrix; the matrix itself where they are all.
  mutating func rowsOf(_ matrix: ValueID, _ rows: Range<Int>, inPlaceOf node: Node) -> ValueID {
    let type = type(of: matrix)
    guard rows.count < type.shape[0] else { return matrix }
    let slice = Slice(
      starts: [rows.lowerBound, 0], stops: [rows.upperBound, type.shape[1]], steps: [1, 1])
    return append(slice, [matrix], TensorType(type.dtype, [rows.count, type.shape[1]]), inPlaceOf: node)
  }
}

extension ViewedElements {
  init(root: ValueID, offset: Int) {
    self.root = root
    self.offset = offset
  }
}
