/// A tensor operator: what it computes, what it costs, how it may be cut, and its kernels.
///
/// An operator knows no graph and no thread. A graph asks it for types, a planner for costs, regions and
/// permission to overwrite, and a lowering for a ``Kernel`` bound to types and to a region of the output.
/// Values are contiguous and row-major. Its derivative rule lives apart, in the module that knows graphs.
public protocol Operator: Sendable {
  /// The name in printed graphs, plans and traces: lower case, `_` between words.
  var name: String { get }

  /// The attributes in a fixed order. Together with the name they identify the operator among those of its Swift type
  /// (``OperatorIdentity``): whatever else its kernels depend on, a closure for instance, needs an attribute that tells it from others.
  var attributes: [Attribute] { get }

  /// The types of the outputs.
  /// - Throws: `ShapeError` naming the shapes when the inputs do not fit.
  func outputTypes(for inputs: [TensorType]) throws(ShapeError) -> [TensorType]

  /// The work of computing all outputs once.
  func cost(_ signature: Signature) -> Cost

  /// The axes of output 0 along which the work may be cut, the best first; empty when it must stay whole.
  func splitAxes(_ signature: Signature) -> [SplitAxis]

  /// The part of an input that is read to compute a region of output 0.
  func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region

  /// The part of an output that is written together with a region of output 0.
  func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region

  /// Whether an output may share the bytes of an input. True promises that the kernel of any region reads from this
  /// input only elements that it writes itself, each before writing it, and that the two types are equal.
  func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool

  /// The element offset at which output 0 is found inside input 0 without computing anything (reshape, a slice of
  /// leading rows); nil when the operator computes.
  func viewOffset(_ signature: Signature) -> Int?

  /// Whether a kernel may end with a fault, because validity depends on the values (an index out of range).
  var canFault: Bool { get }

  /// Bytes of scratch memory (64-byte aligned) that the kernel of a region needs while it runs.
  func scratchBytes(_ signature: Signature, region: Region) -> Int

  /// The kernel that computes a region of the outputs.
  /// - Throws: `ShapeError` when no kernel exists for the types.
  func makeKernel(_ signature: Signature, region: Region) throws(ShapeError) -> Kernel
}

extension Operator {
  /// No attributes.
  public var attributes: [Attribute] { [] }

  /// Not cut.
  public func splitAxes(_ signature: Signature) -> [SplitAxis] { [] }

  /// The whole input.
  public func inputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    Region(whole: signature.inputs[index].shape)
  }

  /// The same region for output 0 and outputs of its shape, else the whole output.
  public func outputRegion(_ index: Int, for region: Region, _ signature: Signature) -> Region {
    let shape = signature.outputs[index].shape
    return shape == signature.outputs[0].shape ? region : Region(whole: shape)
  }

  /// Never.
  public func mayOverwrite(input: Int, withOutput output: Int, _ signature: Signature) -> Bool { false }

  /// Computes.
  public func viewOffset(_ signature: Signature) -> Int? { nil }

  /// Never.
  public var canFault: Bool { false }

  /// None.
  public func scratchBytes(_ signature: Signature, region: Region) -> Int { 0 }
}

/// The types at one use of an operator.
public struct Signature: Hashable, Sendable {
  /// The types of the inputs, in order.
  public let inputs: [TensorType]

  /// The types of the outputs, in order.
  public let outputs: [TensorType]

  /// A signature from its parts.
  public init(inputs: [TensorType], outputs: [TensorType]) {
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// A named attribute of an operator, for printing and comparing.
public struct Attribute: Hashable, Sendable {
  /// The attribute's name.
  public let name: String

  /// The value as printed; equal texts mean equal values.
  public let value: String

  /// An attribute with a printable value.
  public init(_ name: String, _ value: some CustomStringConvertible) {
    self.name = name
    self.value = value.description
  }

  /// An attribute that is a list of numbers, printed as an array is.
  public init(_ name: String, _ numbers: [Int]) {
    self.name = name
    // An array's own description takes microseconds, as it is made by reflection.
    value = "[" + numbers.map(String.init).joined(separator: ", ") + "]"
  }
}

/// The work of an operator.
public struct Cost: Hashable, Sendable {
  /// Floating-point operations; a transcendental function counts as several.
  public var flops: Double

  /// Bytes read, each once.
  public var bytesRead: Double

  /// Bytes written, each once.
  public var bytesWritten: Double

  /// A cost from its parts.
  public init(flops: Double, bytesRead: Double, bytesWritten: Double) {
    self.flops = flops
    self.bytesRead = bytesRead
    self.bytesWritten = bytesWritten
  }

  /// The cost of reading every input and writing every output once.
  public static func streaming(_ signature: Signature, flopsPerElement: Double) -> Cost {
    let written = signature.outputs.reduce(0) { $0 + $1.byteCount }
    let elements = signature.outputs.reduce(0) { $0 + $1.elementCount }
    return Cost(
      flops: flopsPerElement * Double(elements),
      bytesRead: Double(signature.inputs.reduce(0) { $0 + $1.byteCount }), bytesWritten: Double(written))
  }
}

extension Shape {
  /// Every axis longer than 1, but for one, as axes along which to cut; the last one, whose elements lie side by side, in pieces of
  /// at least `minimum` elements and multiples of `multiple`.
  func splits(except: Int? = nil, minimum: Int = 1, multiple: Int = 16) -> [SplitAxis] {
    indices.filter { $0 != except && self[$0] > 1 }.map {
      $0 == rank - 1 ? SplitAxis($0, minimum: minimum, multiple: multiple) : SplitAxis($0)
    }
  }
}

/// An axis of output 0 along which an operator's work may be cut.
public struct SplitAxis: Hashable, Sendable {
  /// The axis.
  public let axis: Int

  /// The least length of a piece worth cutting.
  public let minimum: Int

  /// Cuts fall on multiples of this length.
  public let multiple: Int

  /// An axis with its grain.
  public init(_ axis: Int, minimum: Int = 1, multiple: Int = 1) {
    self.axis = axis
    self.minimum = minimum
    self.multiple = multiple
  }
}
