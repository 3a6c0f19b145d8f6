public import TributaryWorkloads

extension Workload {
  /// Sizes at which a step takes about a millisecond; the suite's own where these are small enough.
  public var reducedConfiguration: WorkloadConfiguration {
    switch name {
    case "seed-dag-512": ["n": [96], "m": [64]]
    case "mlp": ["dims": [96, 64, 48, 10], "batch": [32]]
    case "mlp-wide": ["dims": [96, 128, 128, 64], "batch": [48]]
    case "siamese": ["dims": [96, 48, 32], "batch": [32], "margin": [1], "epsilon": [1e-12]]
    case "ensemble": ["members": [4], "dims": [64, 64, 10], "batch": [32]]
    case "cnn": ["image": [12], "channels": [8, 16], "hidden": [32], "classes": [10], "batch": [8]]
    case "inception":
      [
        "image": [8], "stem": [16], "branches": [8, 8, 8, 8, 8, 8], "blocks": [2], "classes": [10],
        "batch": [4],
      ]
    case "rnn", "lstm": ["steps": [6], "batch": [16], "input": [16], "hidden": [32], "classes": [10]]
    case "transformer":
      [
        "vocabulary": [16], "d": [32], "heads": [2], "blocks": [2], "length": [16], "batch": [4],
        "epsilon": [1e-5],
      ]
    case "small-ops": ["bodies": [5], "steps": [6], "dt": [1e-3], "epsilon": [1e-2]]
    default: suiteConfiguration
    }
  }
}
