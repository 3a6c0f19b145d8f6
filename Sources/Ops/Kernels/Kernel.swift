/// What a kernel is called with.
///
/// Invariant: the pointers address whole values of the types that the kernel was made for, 64-byte aligned unless
/// the value is a view, and stay valid for the call; the caller orders calls that touch the same elements.
public struct KernelArguments {
  /// The base address of every input, then of every output.
  public let pointers: UnsafePointer<UnsafeMutableRawPointer>

  /// Scratch memory of at least the bytes asked for, 64-byte aligned, used by no other call at the same time.
  public let scratch: UnsafeMutableRawPointer

  /// Arguments from their parts.
  @inlinable
  public init(pointers: UnsafePointer<UnsafeMutableRawPointer>, scratch: UnsafeMutableRawPointer) {
    self.pointers = pointers
    self.scratch = scratch
  }

  /// The base address of argument `index` as elements of a type.
  @inlinable
  public func pointer<Element>(_ index: Int, as type: Element.Type) -> UnsafeMutablePointer<Element> {
    pointers[index].assumingMemoryBound(to: type)
  }
}

/// How a kernel's call ended.
public struct KernelStatus: Sendable, Equatable {
  /// The kinds of ending.
  public enum Code: Int32, Sendable {
    case success
    /// An index input holds a value outside the axis it indexes; nothing was written.
    case indexOutOfRange
    /// A library call failed.
    case libraryFailure
    /// A value that must be finite is NaN or infinite.
    case notFinite
    /// An integer is divided by 0; nothing was written.
    case divisionByZero
  }

  /// The kind of ending.
  public let code: Code

  /// What goes with it: the index found, the library's error number, the number of the divisor that is 0.
  public let detail: Int

  /// A status from its parts.
  @inlinable
  public init(_ code: Code, detail: Int = 0) {
    self.code = code
    self.detail = detail
  }

  /// The call succeeded.
  @inlinable public static var success: KernelStatus { KernelStatus(.success) }
}

/// A function over raw memory, bound to types, attributes and a region.
///
/// A body captures only bitwise-copyable values (or one object that it never retains), so that calling it in place
/// counts no references and allocates nothing.
public struct Kernel: Sendable {
  /// The implementation's name, for reports: `c`, `openblas`, `onednn:brgemm`.
  public let implementation: String

  /// The function.
  public let body: @Sendable (KernelArguments) -> KernelStatus

  /// A kernel from its function.
  public init(implementation: String = "c", _ body: @escaping @Sendable (KernelArguments) -> KernelStatus) {
    self.implementation = implementation
    self.body = body
  }
}
