internal import CKernels

/// The instruction-set levels that the vector kernels are compiled for. All give the same bits; they differ in speed.
public enum VectorLevel: String, Sendable, Hashable, CaseIterable {
  /// What every processor of the architecture has: SSE2 on x86-64, NEON on arm64.
  case base
  /// x86-64-v3: AVX2.
  case v3
  /// x86-64-v4: AVX-512.
  case v4

  /// The level in use: the highest that the processor has, or a lower one that the environment variable
  /// `TRIBUTARY_ISA` names.
  public static var current: VectorLevel { override ?? VectorLevel(ck_current_level()) }

  /// The levels that this processor can run, the lowest first.
  public static var available: [VectorLevel] { allCases.filter { ck_level_supported($0.level) != 0 } }

  /// The level for kernels made within a scope, so that levels can be compared.
  @TaskLocal static var override: VectorLevel?

  /// Calls a function in which ``current`` is this level where the processor has it, else the highest below.
  public func scope<Result>(_ body: () throws -> Result) rethrows -> Result {
    let level = VectorLevel.available.last { $0.level.rawValue <= self.level.rawValue }
    return try VectorLevel.$override.withValue(level, operation: body)
  }

  private init(_ level: ck_level) {
    switch level {
    case CK_V4: self = .v4
    case CK_V3: self = .v3
    default: self = .base
    }
  }

  var level: ck_level {
    switch self {
    case .base: CK_BASE
    case .v3: CK_V3
    case .v4: CK_V4
    }
  }
}

extension DType {
  var code: ck_dtype {
    switch self {
    case .float32: CK_F32
    case .float64: CK_F64
    case .int32: CK_I32
    case .int64: CK_I64
    case .bool: CK_BOOL
    }
  }
}
