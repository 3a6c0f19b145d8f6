internal import CKernels

/// The elements along an axis in order, and where they were: outputs (values, indices).
///
/// Any element type; indices are i64. With a `count` only so many first elements are kept, and the axis has that
/// length. Stable: equal elements stay in the order of their indices, in both directions. NaN comes last in both
/// directions; −0 is equal to 0; false is less than true. Cost: O(n) a row for n elements, by one pass for every byte of
/// an element that differs (Knuth, The Art of Computer Programming 3, 5.2.5); rows of at most 64 elements by insertion;
/// a few of many by one pass that keeps the best so far in order. Scratch: 32 bytes for each element of a row.
public struct Sort: Operator, Hashable {
  /// The axis, non-negative.
  public let axis: Int

  /// Whether the largest element comes first.
  public let descending: Bool

  /// How many first elements are kept; nil for all.
  public let count: Int?

  /// A sort along an axis.
  public init(axis: Int, descending: Bool = false, count: Int? = nil) {
    self.axis = axis
    self.descending = descending
    self.count = count
  }

  /// `sort`, or `top_k` when only some elements are kept.
  public var name: String { count == nil ? "sort" : "top_k" }

  /// What the operator was made with.
  public var attributes: [Attribute] {
    [Attribute("axis", axis), Attribute("descending", descending)]
      + (count.map { [Attribute("k", $0)] } ?? [])
  }

  /// The input's type and indices of its shape, the axis having the length that is kept.
  /// - Throws: `ShapeError` when there is no such axis, or it has fewer elements than are kept.
  public func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType] {
    try expect(inputs, count: 1)
    try expectAxes([axis], of: inputs[0].shape)
    var shape = inputs[0].shape
    if let count {
      guard count >= 0, count <= shape[axis] else {
        throw ShapeError(
          .attribute,
          "\(name): \(count) elements cannot be kept of axis \(axis) of \(inputs[0]); give k in 0...\(shape[axis])"
        )
      }
      shape[axis] = count
    }
    return [TensorType(inputs[0].dtype, shape), TensorType(.int64, shape)]
  }

  /// Every element is moved some times.
  public func cost(_ signature: Signature) -> Cost {
    var cost = Cost.streaming(signature, flopsPerElement: 0)
    cost.flops = 20 * Double(signature.inputs[0].elementCount)
    return cost
  }

  /// Every axis but that of the rows.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] {
    signature.outputs[0].shape.splits(except: axis)
  }

  /// The whole rows of the region.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    region.replacing(axis: axis, with: 0..<signature.inputs[0].shape[axis])
  }

  /// Room for a row.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int {
    withUnsafePointer(to: box(signature, region: region)) { Int(ck_sort_scratch($0)) }
  }

  /// The kernel of a region that covers the axis.
  public func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel {
    guard region.elementCount > 0 else { return Kernel { _ in .success } }
    let box = box(signature, region: region)
    let dtype = signature.inputs[0].dtype.code
    return Kernel { arguments in
      withUnsafePointer(to: box) {
        ck_sort_run(
          dtype, $0, arguments.pointers[0], arguments.pointers[1], arguments.pointer(2, as: Int64.self),
          arguments.scratch)
      }
      return .success
    }
  }

  private func box(_ signature: Signature, region: Region) -> ck_sort {
    let (input, output) = (signature.inputs[0].shape, signature.outputs[0].shape)
    let (from, to) = (input.strides, output.strides)
    var box = ck_sort()
    box.descending = descending ? 1 : 0
    box.length = input[axis]
    box.x_stride = from[axis]
    box.kept = output[axis]
    box.y_stride = to[axis]
    for each in 0..<region.rank where each != axis {
      box.x_offset += region[each].lowerBound * from[each]
      box.y_offset += region[each].lowerBound * to[each]
      ck_sort_axis(&box, region[each].count, from[each], to[each])
    }
    return box
  }
}
