internal import TributaryOps

/// What is done with element types that a file may hold and this library has no tensors of: f16, bf16, i8, i16 and the
/// integers without a sign.
public enum ForeignTypes: Sendable, Hashable {
  /// Reading ends with an error that names the type.
  case refused
  /// The numbers are converted, each exactly, to the least type here that holds all of them: f16 and bf16 to f32; i8,
  /// i16, u8 and u16 to i32; u32 and u64 to i64. A u64 beyond the largest i64 is an error.
  case widened
}

/// The element types that files hold.
enum StoredType: CaseIterable {
  case float64, float32, float16, bfloat16
  case int64, int32, int16, int8
  case uint64, uint32, uint16, uint8
  case bool

  /// Bytes of one element.
  var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// The element type of tensors whose bytes are the same; nil when there is none.
  var equal: DType? {
    switch self {
    case .float64: .float64
    case .float32: .float32
    case .int64: .int64
    case .int32: .int32
    case .bool: .bool
    default: nil
    }
  }

  /// The least element type of tensors that holds every number of this type; nearly every one of u64.
  var widened: DType {
    switch self {
    case .float64: .float64
    case .float32, .float16, .bfloat16: .float32
    case .int64, .uint64, .uint32: .int64
    case .int32, .int16, .int8, .uint16, .uint8: .int32
    case .bool: .bool
    }
  }

  /// The name in the safetensors format.
  var safeTensorsName: String {
    switch self {
    case .float64: "F64"
    case .float32: "F32"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .int64: "I64"
    case .int32: "I32"
    case .int16: "I16"
    case .int8: "I8"
    case .uint64: "U64"
    case .uint32: "U32"
    case .uint16: "U16"
    case .uint8: "U8"
    case .bool: "BOOL"
    }
  }

  /// The type of a name in the safetensors format; nil when it is none of these.
  init?(safeTensorsName name: String) {
    guard let match = StoredType.allCases.first(where: { $0.safeTensorsName == name }) else { return nil }
    self = match
  }

  /// Kind and bytes of an element in an NPY header, `f4`; NumPy has no bf16.
  var numpyName: String? {
    switch self {
    case .float64: "f8"
    case .float32: "f4"
    case .float16: "f2"
    case .bfloat16: nil
    case .int64: "i8"
    case .int32: "i4"
    case .int16: "i2"
    case .int8: "i1"
    case .uint64: "u8"
    case .uint32: "u4"
    case .uint16: "u2"
    case .uint8: "u1"
    case .bool: "b1"
    }
  }
}

/// Why elements of a file cannot become those of a tensor: which, and what is wrong with it.
struct StoredValueError: Error {
  let element: Int
  let message: String
}

extension StoredType {
  /// Turns the elements at `bytes` into those of a tensor of type ``widened``.
  /// - Parameter isSwapped: Whether the elements have the other order of bytes than the machine.
  /// - Throws: `StoredValueError` for a bool that is neither 0 nor 1 and a u64 that does not fit.
  func widened(_ bytes: UnsafeRawBufferPointer, isSwapped: Bool) throws(StoredValueError) -> TensorStorage {
    let count = bytes.count / byteCount
    let storage = TensorStorage(byteCount: count * widened.byteCount, zeroed: false)
    let target = storage.baseAddress
    func convert<Stored: FixedWidthInteger, Element>(
      _ stored: Stored.Type, _ make: (Stored) throws(StoredValueError) -> Element
    ) throws(StoredValueError) {
      for index in 0..<count {
        let raw = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
        target.storeBytes(
          of: try make(isSwapped ? raw.byteSwapped : raw), toByteOffset: index * MemoryLayout<Element>.size,
          as: Element.self)
      }
    }
    switch self {
    case .float64, .int64: try convert(UInt64.self) { $0 }
    case .float32, .int32: try convert(UInt32.self) { $0 }
    case .float16: try convert(UInt16.self) { Float(halfBits: $0) }
    case .bfloat16: try convert(UInt16.self) { UInt32($0) << 16 }
    case .int16: try convert(Int16.self) { Int32($0) }
    case .int8: try convert(Int8.self) { Int32($0) }
    case .uint32: try convert(UInt32.self) { Int64($0) }
    case .uint16: try convert(UInt16.self) { Int32($0) }
    case .uint8: try convert(UInt8.self) { Int32($0) }
    case .bool: try convert(UInt8.self) { $0 }
    case .uint64:
      var index = 0
      try convert(UInt64.self) { (raw) throws(StoredValueError) in
        guard let number = Int64(exactly: raw) else {
          throw StoredValueError(element: index, message: "element \(index) is \(raw), which i64 cannot hold")
        }
        index += 1
        return number
      }
    }
    try check(UnsafeRawBufferPointer(start: target, count: storage.byteCount))
    return storage
  }

  /// Throws where a bool is neither 0 nor 1.
  func check(_ bytes: UnsafeRawBufferPointer) throws(StoredValueError) {
    guard self == .bool, let index = bytes.firstIndex(where: { $0 > 1 }) else { return }
    throw StoredValueError(element: index, message: "a boolean is \(bytes[index]), neither 0 nor 1")
  }
}

extension Float {
  /// The number that an IEEE 754 binary16 stands for; exact.
  init(halfBits bits: UInt16) {
    let sign = UInt32(bits >> 15) << 31
    let exponent = UInt32(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0: self = (sign == 0 ? 1 : -1) * Float(fraction) * 0x1p-24
    case 0x1F: self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
