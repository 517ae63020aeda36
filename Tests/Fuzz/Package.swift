// swift-tools-version: 6.3
import PackageDescription

// A package of its own, because its program has no `main`: libFuzzer brings it. Built by deploy/fuzz.
let package = Package(
  name: "sarai-fuzz",
  dependencies: [.package(name: "sarai", path: "../..")],
  targets: [
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        .product(name: "Wire", package: "sarai"),
        .product(name: "WellKnownTypes", package: "sarai"),
        .product(name: "SchemaCompiler", package: "sarai"),
      ],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])],
      plugins: [.plugin(name: "SchemaPlugin", package: "sarai")]
    )
  ],
  swiftLanguageModes: [.v6]
)
