internal import TributaryOps

/// A graph made ready for planning: only what a run needs, in the order of a sequential run, with every value's home
/// decided and with copies where a value must be in two places.
///
/// Values are numbered densely; a value that is only another look at earlier bytes (a reshape) names its `root`, the
/// value whose bytes it shares. Every value's producer precedes its readers, and the step that writes a state
/// comes after every reader of the old value and after every step that may fault.
struct StepGraph: Sendable {
  /// Where the bytes of a root value are.
  enum Home: Hashable, Sendable {
    /// In the arena, at an offset that the memory plan decides.
    case arena
    /// In the caller's tensor, by index in ``StepGraph/feeds``.
    case feed(Int)
    /// In the executable, by index in ``StepGraph/constants``.
    case constant(Int)
    /// In the parameter store, by index in ``StepGraph/states``.
    case state(Int)
    /// In a tensor handed back, by index in ``StepGraph/fetched``.
    case fetch(Int)
  }

  /// One step: an operator applied, or a source of values (feed, state, constant) with no operator.
  struct Step: Sendable {
    /// The operator; nil for a source.
    var applied: (any Operator)?
    /// Whether the output is a view of the input, so that nothing is to be done.
    var isView: Bool
    /// The types read and made.
    var signature: Signature
    /// The values read.
    var inputs: [Int]
    /// The values waited for and not read.
    var awaited: [Int] = []
    /// The first output's number; the others follow.
    var firstOutput: Int
    /// The number of outputs.
    var outputCount: Int
    /// The scope and name, for plans and errors.
    var name: String
    /// The source line that made it.
    var source: String
    /// Whether it computes a value a second time, to meet a memory budget.
    var isRecomputed = false
  }

  /// One value.
  struct Value: Sendable {
    /// The type.
    var type: TensorType
    /// The step that makes it.
    var step: Int
    /// Which output of the step.
    var output: Int
    /// The value whose bytes it shares; itself unless a view.
    var root: Int
    /// Where it begins in the root's bytes.
    var byteOffset: Int
    /// Where the root's bytes are.
    var home: Home
  }

  /// The steps in sequential order.
  var steps: [Step] = []
  /// The values in the order of their steps.
  var values: [Value] = []
  /// The inputs that a run needs, by name.
  var feeds: [(name: String, type: TensorType)] = []
  /// The constants.
  var constants: [Tensor] = []
  /// The graph's states.
  var states: [StateDescriptor] = []
  /// For each state, the value before the step; nil where nothing reads it.
  var oldValues: [Int?] = []
  /// For each state, the value that its assignment writes in place; nil where it is not assigned.
  var newValues: [Int?] = []
  /// The types of the tensors handed back.
  var fetched: [TensorType] = []
  /// For each fetch of the graph, the index in ``fetched``.
  var fetchIndex: [Int] = []

  /// The types at a step.
  func signature(of step: Int) -> Signature { steps[step].signature }

  /// The outputs of a step.
  func outputs(of step: Int) -> Range<Int> {
    steps[step].firstOutput..<steps[step].firstOutput + steps[step].outputCount
  }

  /// Whether a step computes something: neither a source nor a view.
  func computes(_ step: Int) -> Bool { !steps[step].isView && steps[step].applied != nil }

  /// Whether a step writes into the parameter store.
  func assigns(_ step: Int) -> Bool {
    guard steps[step].applied != nil else { return false }
    for value in outputs(of: step) {
      if case .state = values[value].home { return true }
    }
    return false
  }

  /// Whether regions of two values that share a root have a byte in common; may say yes where none is.
  func overlap(_ a: Int, _ regionA: Region, _ b: Int, _ regionB: Region) -> Bool {
    let x = values[a]
    let y = values[b]
    if a == b || (x.byteOffset == y.byteOffset && x.type == y.type) { return regionA.overlaps(regionB) }
    guard let p = byteInterval(a, regionA), let q = byteInterval(b, regionB) else { return false }
    return p.overlaps(q)
  }

  /// The least interval of the root's bytes that holds a region of a value; nil when the region is empty.
  func byteInterval(_ value: Int, _ region: Region) -> Range<Int>? {
    guard region.elementCount > 0 else { return nil }
    let it = values[value]
    var stride = 1
    var first = 0
    var last = 0
    for axis in (0..<region.rank).reversed() {
      first += region[axis].lowerBound * stride
      last += (region[axis].upperBound - 1) * stride
      stride *= it.type.shape[axis]
    }
    let width = it.type.dtype.byteCount
    return it.byteOffset + first * width..<it.byteOffset + (last + 1) * width
  }
}
