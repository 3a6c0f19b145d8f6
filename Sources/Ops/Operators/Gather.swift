internal import CKernels

/// Elements along an axis: (x, index of x's rank) to the index's shape,
/// out[.., j, ..] = x[.., index[.., j, ..], ..]. Along the other axes the index may be shorter than x. All indices are
/// checked before anything is written; one outside the axis is a fault.
public struct Gather: Operator {
  /// The axis, non-negative.
  public let axis: Int

  /// A gathering along an axis.
  public init(axis: Int) { self.axis = axis }

  /// `gather`.
  public var name: String { "gather" }

  /// The axis.
  public var attributes: [Attribute] { [Attribute("axis", axis)] }

  /// The index's shape.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 2)
    try IndexedAxis.check(tensor: inputs[0], index: inputs[1], axis: axis, operator: self)
    return [TensorType(inputs[0].dtype, inputs[1].shape)]
  }

  /// Every index and the element that it names.
  public func cost(_ signature: Signature) -> Cost {
    let bytes = Double(signature.outputs[0].byteCount)
    return Cost(flops: 0, bytesRead: bytes + Double(signature.inputs[1].byteCount), bytesWritten: bytes)
  }

  /// Every axis.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits()
  }

  /// The region's indices, and the elements that they may name.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    index == 1 ? region : region.replacing(axis: axis, with: 0..<signature.inputs[0].shape[axis])
  }

  /// Indices are checked when the kernel runs.
  public var canFault: Bool { true }

  /// The kernel of a region.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let (input, index) = (signature.inputs[0], signature.inputs[1])
    let walk = IndexedAxis.walk(
      tensor: input.shape, index: index, axis: axis, region: region)
    let (dtype, limit) = (input.dtype.code, Int64(input.shape[axis]))
    return Kernel { arguments in
      withUnsafePointer(to: walk) { walk in
        var bad: Int64 = 0
        guard ck_indexed_valid(walk, arguments.pointers[1], limit, &bad) != 0 else {
          return KernelStatus(.indexOutOfRange, detail: Int(bad))
        }
        ck_gather_run(dtype, walk, arguments.pointers[0], arguments.pointers[1], arguments.pointers[2])
        return .success
      }
    }
  }
}

/// Adds along an axis: (base, index, source of the index's shape) to base with
/// base[.., index[.., j, ..], ..] += source[.., j, ..], in order of position. All indices are checked before anything
/// is written; one outside the axis is a fault.
public struct ScatterAdd: Operator {
  /// The axis, non-negative.
  public let axis: Int

  /// An addition along an axis.
  public init(axis: Int) { self.axis = axis }

  /// `scatter_add`.
  public var name: String { "scatter_add" }

  /// The axis.
  public var attributes: [Attribute] { [Attribute("axis", axis)] }

  /// The type of the base.
  /// - Throws: `ShapeError` when the inputs do not fit.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 3)
    try IndexedAxis.check(tensor: inputs[0], index: inputs[1], axis: axis, operator: self)
    guard inputs[0].dtype != .bool, inputs[2] == TensorType(inputs[0].dtype, inputs[1].shape) else {
      throw ShapeError(
        .dimension,
        "scatter_add: the source is \(inputs[2]); it must hold numbers of the base's type, \(inputs[0].dtype), "
          + "in the index's shape, \(inputs[1].shape)")
    }
    return [inputs[0]]
  }

  /// The base is copied and one addition done for every index.
  public func cost(_ signature: Signature) -> Cost {
    .streaming(
      signature,
      flopsPerElement: Double(signature.inputs[1].elementCount)
        / Double(max(signature.outputs[0].elementCount, 1)))
  }

  /// Every axis but the indexed one.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits(except: axis)
  }

  /// The region of the base; of index and source what lies beside it.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    guard index > 0 else { return region }
    let whole = Region(whole: signature.inputs[1].shape)
    let beside = region.replacing(axis: axis, with: whole[axis]).intersection(whole)
    // Beyond the index's end along any axis there is nothing to add.
    return beside.elementCount == 0
      ? (0..<whole.rank).reduce(whole) { $0.replacing(axis: $1, with: 0..<0) } : beside
  }

  /// The base.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { input == 0 }

  /// Indices are checked when the kernel runs.
  public var canFault: Bool { true }

  /// The kernel of a region that covers the indexed axis.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    let (base, index) = (signature.inputs[0], signature.inputs[1])
    let walk = IndexedAxis.walk(
      tensor: base.shape, index: index, axis: axis,
      region: inputRegion(1, for: region, signature))
    let copy = StridedCopy(base.dtype, region: region, of: base.shape)
    let (dtype, limit) = (base.dtype.code, Int64(base.shape[axis]))
    return Kernel { arguments in
      withUnsafePointer(to: walk) { walk in
        let output = arguments.pointers[3]
        var bad: Int64 = 0
        guard ck_indexed_valid(walk, arguments.pointers[1], limit, &bad) != 0 else {
          return KernelStatus(.indexOutOfRange, detail: Int(bad))
        }
        if arguments.pointers[0] != output { copy(from: arguments.pointers[0], to: output) }
        ck_scatter_add_run(dtype, walk, arguments.pointers[2], arguments.pointers[1], output)
        return .success
      }
    }
  }
}

/// What ``Gather`` and ``ScatterAdd`` share.
enum IndexedAxis {
  static func check(
    tensor: TensorType, index: TensorType, axis: Int, operator op: some Operator
  ) throws(ShapeError) {
    try op.expectIndices(index)
    guard axis >= 0, axis < tensor.rank else {
      throw ShapeError(
        .axis, "\(op.name): axis \(axis) does not exist in \(tensor), which has \(tensor.rank) axes")
    }
    guard index.rank == tensor.rank,
      index.shape.indices.allSatisfy({ $0 == axis || index.shape[$0] <= tensor.shape[$0] })
    else {
      throw ShapeError(
        .dimension,
        "\(op.name): an index of \(index) does not fit \(tensor): it must have as many axes, none longer "
          + "except axis \(axis)")
    }
  }

  /// The walk over a region of the index.
  static func walk(
    tensor: Shape, index: TensorType, axis: Int, region: Region
  ) -> ck_indexed {
    let (indexStrides, tensorStrides) = (index.shape.strides, tensor.strides)
    var walk = ck_indexed()
    walk.wide = index.dtype == .int64 ? 1 : 0
    walk.axis_stride = tensorStrides[axis]
    walk.index_offset = region.offset(strides: indexStrides)
    for each in 0..<region.rank {
      let stride = each == axis ? 0 : tensorStrides[each]
      walk.tensor_offset += region[each].lowerBound * stride
      ck_indexed_axis(&walk, region[each].count, indexStrides[each], stride)
    }
    return walk
  }
}
