internal import TributaryOps

/// The static cost model: seconds of one use of an operator on one core, from its operations and bytes.
///
/// The figures are round numbers between those of an AVX2 and an AVX-512 core, fixed for all machines, since cuts
/// and clusters follow from them and bits follow from cuts. They are not predictions.
struct CostModel: Sendable {
  /// The kinds of operators that the model tells apart.
  enum Kind: Sendable {
    /// Limited by arithmetic: matrix products, cut along their columns and rows.
    case product
    /// Limited by arithmetic likewise, and cut as other operators are: convolutions.
    case convolution
    /// Limited by memory or by transcendental functions: everything else.
    case stream
  }

  /// Operations a second of a large product in float32; half of it in float64.
  static let productRate = 100e9

  /// Operations a second of an elementwise function or a reduction, in cache.
  static let streamRate = 16e9

  /// Bytes a second of a core that reads and writes its second-level cache and memory by turns.
  static let byteRate = 20e9

  /// Seconds of a kernel's call on next to nothing.
  static let callSeconds = 50e-9

  /// Seconds that a product takes beside its arithmetic: packing and the library's own bookkeeping.
  static let productSeconds = 200e-9

  /// The kind of an operator; an epilogue is of its root's.
  static func kind(of applied: any Operator) -> Kind {
    if let epilogue = applied as? Epilogue { return kind(of: epilogue.root) }
    return switch applied.name {
    case "matmul": .product
    case "conv", "conv_input_gradient", "conv_weight_gradient": .convolution
    default: .stream
    }
  }

  /// The seconds of all of an operator's work at one use.
  static func seconds(_ applied: any Operator, _ signature: Signature) -> Double {
    seconds(applied, kind(of: applied), signature)
  }

  /// The same for an operator of a known kind.
  static func seconds(_ applied: any Operator, _ kind: Kind, _ signature: Signature) -> Double {
    let cost = applied.cost(signature)
    let bytes = cost.bytesRead + cost.bytesWritten
    switch kind {
    case .product, .convolution:
      let rate = signature.outputs[0].dtype == .float64 ? productRate / 2 : productRate
      return callSeconds + productSeconds + max(cost.flops / rate, bytes / byteRate)
    case .stream:
      return callSeconds + max(cost.flops / streamRate, bytes / byteRate)
    }
  }
}
