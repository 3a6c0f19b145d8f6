/// A system that a user would pick instead, in one of its ways to compute.
struct Rival: Sendable, Hashable {
  /// The module that Python imports.
  enum Module: String, CaseIterable, Sendable {
    case torch
    case jax
    case tensorflow

    /// The name of the system.
    var title: String {
      switch self {
      case .torch: "PyTorch"
      case .jax: "JAX"
      case .tensorflow: "TensorFlow"
      }
    }

    /// How to install it outside the repository.
    var installation: String {
      let packages = self == .tensorflow ? "tensorflow-cpu numpy" : "\(rawValue) numpy"
      return "python3 -m venv ~/peers && ~/peers/bin/pip install \(packages)"
    }
  }

  /// The name in rows, as the program writes it.
  let system: String
  /// The name in tables.
  let title: String
  /// What must be importable.
  let module: Module
  /// The program's file.
  let program: String
  /// The arguments that choose this way to compute.
  let arguments: [String]

  /// Where the programs are, from the repository's root.
  static let folder = "Benchmarks/Peers"

  /// All rivals, in the order of the table's columns.
  static let all = [
    Rival(
      system: "torch-eager", title: "PyTorch", module: .torch, program: "suite_torch.py", arguments: []),
    Rival(
      system: "torch-compile", title: "torch.compile", module: .torch, program: "suite_torch.py",
      arguments: ["--compile"]),
    Rival(system: "jax-jit", title: "JAX", module: .jax, program: "suite_jax.py", arguments: []),
    Rival(
      system: "tf-graph", title: "TensorFlow", module: .tensorflow, program: "suite_tf.py", arguments: []),
    Rival(
      system: "tf-xla", title: "XLA", module: .tensorflow, program: "suite_tf.py", arguments: ["--jit"]),
  ]
}
