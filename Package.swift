// swift-tools-version: 6.2
import PackageDescription

/// Warnings become errors only where continuous integration asks for it, so that a newer compiler's
/// warnings never break somebody who merely builds the package.
let warningsAreErrors = Context.environment["TRIBUTARY_WARNINGS_AS_ERRORS"] == "1"

let swiftSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

let cSettings: [CSetting] =
  [.enableWarning("all"), .enableWarning("extra")]
  + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

let package = Package(
  name: "Tributary",
  products: [
    .library(name: "Tributary", targets: ["Tributary"]),
    .library(name: "TributaryScheduler", targets: ["TributaryScheduler"]),
    .executable(name: "tributary", targets: ["TributaryCLI"]),
    .executable(name: "tributary-bench", targets: ["TributaryBench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    // System libraries and C.
    .systemLibrary(name: "CHwloc", pkgConfig: "hwloc", providers: [.apt(["libhwloc-dev"])]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "COneDNN", cSettings: cSettings,
      linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(name: "CKernels", cSettings: cSettings, linkerSettings: [.linkedLibrary("m")]),
    .target(name: "CSchedulerShims", cSettings: cSettings),

    // The library, in the direction of its imports.
    .target(
      name: "TributaryScheduler", dependencies: ["CHwloc", "CSchedulerShims"],
      path: "Sources/Scheduler", exclude: ["Concurrency/README.md"], swiftSettings: swiftSettings),
    .target(
      name: "TributaryOps", dependencies: ["CKernels", "COpenBLAS", "COneDNN"],
      path: "Sources/Ops", swiftSettings: swiftSettings),
    .target(
      name: "TributaryAutodiff",
      dependencies: [
        "TributaryScheduler", "TributaryOps",
        .product(name: "HeapModule", package: "swift-collections"),
      ],
      path: "Sources/Autodiff", swiftSettings: swiftSettings),
    .target(
      name: "TributaryTraining", dependencies: ["TributaryAutodiff", "CZlib"],
      path: "Sources/Training", swiftSettings: swiftSettings),
    .target(
      name: "Tributary",
      dependencies: ["TributaryScheduler", "TributaryOps", "TributaryAutodiff", "TributaryTraining"],
      swiftSettings: swiftSettings),

    // Commands, examples, benchmarks.
    .target(
      name: "TributaryMeasuring", dependencies: ["TributaryOps", "TributaryAutodiff"],
      path: "Sources/Measuring", swiftSettings: swiftSettings),
    .executableTarget(
      name: "TributaryCLI",
      dependencies: [
        "Tributary", "TributaryMeasuring",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "TributaryWorkloads", dependencies: ["Tributary"], path: "Benchmarks/Workloads",
      swiftSettings: swiftSettings),
    .target(name: "CHeap", path: "Benchmarks/CHeap", cSettings: cSettings),
    .executableTarget(
      name: "TributaryBench",
      dependencies: [
        "CHeap", "Tributary", "TributaryMeasuring", "TributaryWorkloads", "TributaryTestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      path: "Benchmarks/TributaryBench", swiftSettings: swiftSettings),
    .executableTarget(
      name: "SeedDAG", dependencies: ["Tributary"], path: "Examples/SeedDAG",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "OwnDAG", dependencies: ["TributaryScheduler"], path: "Examples/OwnDAG",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "InAServer", dependencies: ["TributaryScheduler"], path: "Examples/InAServer",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "OwnGradient", dependencies: ["Tributary"], path: "Examples/OwnGradient",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "Tensors", dependencies: ["Tributary"], path: "Examples/Tensors",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "OwnOperator", dependencies: ["Tributary"], path: "Examples/OwnOperator",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "TrainAModel", dependencies: ["Tributary"], path: "Examples/TrainAModel",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "LoopsAndNoise", dependencies: ["Tributary"], path: "Examples/LoopsAndNoise",
      swiftSettings: swiftSettings),

    // Tests mirror the sources.
    .target(
      name: "TributaryTestSupport", dependencies: ["Tributary", "TributaryWorkloads"],
      path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .testTarget(
      name: "SchedulerTests", dependencies: ["TributaryScheduler", "TributaryTestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "OpsTests", dependencies: ["TributaryOps", "TributaryTestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "AutodiffTests", dependencies: ["TributaryAutodiff", "TributaryTestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TrainingTests", dependencies: ["TributaryTraining", "TributaryTestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "MeasuringTests",
      dependencies: ["Tributary", "TributaryMeasuring", "TributaryTestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CLITests",
      dependencies: [
        "TributaryCLI", "TributaryTestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "BenchTests",
      dependencies: [
        "TributaryBench", "TributaryMeasuring", "TributaryTestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "FixtureTests",
      dependencies: ["Tributary", "TributaryBench", "TributaryWorkloads", "TributaryTestSupport"],
      exclude: ["Fixtures"], swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
