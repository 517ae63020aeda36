// swift-tools-version: 6.3
import PackageDescription

// A package of its own, because the fuzzer's options reach every program that is built, and
// libFuzzer brings its own `main`: the schema compiler, which the plugin runs, could not be linked.
// deploy/fuzz builds a copy of this package with the sources beside it, generated ones included.
let package = Package(
  name: "sarai-fuzz",
  targets: [
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
    .target(name: "Wire", dependencies: ["CCrypto"]),
    .target(name: "WellKnownTypes", dependencies: ["Wire"], exclude: ["schema.json"]),
    .target(name: "SchemaCompiler", dependencies: ["Wire"]),
    .target(name: "HTTP1"),
    .executableTarget(
      name: "Fuzz", dependencies: ["HTTP1", "Wire", "WellKnownTypes", "SchemaCompiler"],
      exclude: ["fuzz.proto"], swiftSettings: [.unsafeFlags(["-parse-as-library"])]),
  ],
  swiftLanguageModes: [.v6]
)
