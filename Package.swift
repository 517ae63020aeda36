// swift-tools-version: 6.3
import PackageDescription

/// What every target of the package is held to; style.md gives the reasons.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "sarai",
  products: [
    .library(name: "Wire", targets: ["Wire"]),
    .library(name: "Contracts", targets: ["Contracts"]),
    .library(name: "RPC", targets: ["RPC"]),
    .library(name: "WellKnownTypes", targets: ["WellKnownTypes"]),
    .library(name: "SchemaCompiler", targets: ["SchemaCompiler"]),
    .plugin(name: "SchemaPlugin", targets: ["SchemaPlugin"]),
    .executable(name: "schemac", targets: ["schemac"]),
  ],
  targets: [
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "Wire", dependencies: ["CCrypto"], swiftSettings: strict),
    .target(name: "SchemaCompiler", dependencies: ["Wire"], swiftSettings: strict),
    .target(name: "RPC", dependencies: ["Wire"], swiftSettings: strict),
    .target(
      name: "WellKnownTypes", dependencies: ["Wire"], exclude: ["schema.json"],
      swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .target(
      name: "Contracts", dependencies: ["RPC", "WellKnownTypes", "Wire"], exclude: ["schema.json"],
      swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .plugin(
      name: "SchemaPlugin", capability: .buildTool(), dependencies: ["schemac"],
      path: "Sources/SchemaPlugin"),
    .executableTarget(
      name: "schemac", dependencies: ["SchemaCompiler", "Wire"], swiftSettings: strict),
    .executableTarget(
      name: "native-testee", dependencies: ["Contracts", "WellKnownTypes", "Wire"],
      path: "Tests/SecondImplementation/Testee", exclude: ["schema.json"], swiftSettings: strict,
      plugins: ["SchemaPlugin"]),
    .executableTarget(
      name: "codec-bench", dependencies: ["Wire"], path: "Tests/Benchmarks/Codec/Sarai",
      swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .testTarget(
      name: "SchemaCompilerTests", dependencies: ["SchemaCompiler", "Wire"],
      exclude: ["Constructs", "Golden"],
      swiftSettings: strict),
    .testTarget(
      name: "GeneratedCodeTests", dependencies: ["Wire", "RPC", "WellKnownTypes"],
      exclude: ["Proto", "schema.json"], swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .testTarget(
      name: "WellKnownTypesTests", dependencies: ["WellKnownTypes", "Wire"],
      swiftSettings: strict),
    .testTarget(
      name: "WireTests", dependencies: ["SchemaCompiler", "WellKnownTypes", "Wire"],
      exclude: ["Proto", "schema.json"], swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .testTarget(name: "TidyTests", swiftSettings: strict),
    .testTarget(name: "RPCTests", dependencies: ["RPC", "Wire"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
