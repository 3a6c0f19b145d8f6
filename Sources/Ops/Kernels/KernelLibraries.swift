/// What the bits of a kernel's results depend on besides its arguments. The level of the vector kernels is not part of it,
/// since all levels give the same bits.
public enum KernelLibraries {
  /// One line that is the same for every run on one installation: the instruction set that products are chosen by, and
  /// OpenBLAS with the kernels that it picked for this processor.
  public static var description: String {
    OpenBLAS.prepare()
    return "products \(DNN.instructionSet), \(OpenBLAS.configuration), \(OpenBLAS.kernels)"
  }
}
