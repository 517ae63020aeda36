// swift-tools-version: 6.3
import PackageDescription

// An outside user of Sarai: it depends on it by path and generates code from somebody else's
// schemas. Tests/Conformance/run builds a copy of it with protobuf's schemas beside the sources.
let package = Package(
  name: "conformance",
  dependencies: [.package(name: "sarai", path: Context.environment["SARAI"] ?? "../..")],
  targets: [
    .executableTarget(
      name: "Testee",
      dependencies: [
        .product(name: "Wire", package: "sarai"),
        .product(name: "WellKnownTypes", package: "sarai"),
      ],
      plugins: [.plugin(name: "SchemaPlugin", package: "sarai")]
    )
  ],
  swiftLanguageModes: [.v6]
)
