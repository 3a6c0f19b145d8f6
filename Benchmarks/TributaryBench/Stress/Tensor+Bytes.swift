internal import Tributary

extension Tensor {
  /// A copy of the bytes, to be compared with others.
  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
