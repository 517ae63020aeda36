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
    .library(name: "Wire", targets: ["Wire"])
  ],
  targets: [
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "Wire", dependencies: ["CCrypto"], swiftSettings: strict),
    .target(name: "SchemaCompiler", dependencies: ["Wire"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
