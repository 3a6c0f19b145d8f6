/// The libraries behind the kernels, as this process uses them.
public enum KernelLibraries {
  /// Brings the libraries into the state that runs rely on: OpenBLAS computes on the calling thread alone, has ended
  /// the idle threads that it started when it was loaded, and uses kernels that fit the processor.
  ///
  /// Done once a process, by the first matrix product that is planned or by whoever comes first; call it before
  /// threads are counted. A program that uses OpenBLAS itself calls it before it does so.
  public static func prepare() { OpenBLAS.prepare() }

  /// What the bits of a kernel's results depend on besides its arguments, in one line that is the same for every run on
  /// one installation: the instruction-set level by which products, attention's too, and convolutions are computed (all other
  /// kernels give the same bits at every level), and the libraries with the kernels that they picked for this processor.
  public static var description: String {
    prepare()
    return "products \(VectorLevel.current), \(OpenBLAS.configuration) (\(OpenBLAS.kernels)), "
      + "oneDNN \(DNN.version) (\(DNN.instructionSet))"
  }
}
