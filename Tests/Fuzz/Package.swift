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
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl"),
    .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .target(name: "HTTP1"),
    .target(name: "HTTP2", dependencies: ["CNghttp2"]),
    .target(name: "Platform"),
    .target(name: "Reactor", dependencies: ["CLinux", "COpenSSL", "Platform"]),
    .target(name: "RPC", dependencies: ["Platform", "Wire"]),
    .target(
      name: "TypeContracts", dependencies: ["WellKnownTypes", "Wire"], exclude: ["schema.json"]),
    .target(
      name: "RPCContracts", dependencies: ["TypeContracts", "WellKnownTypes", "Wire"],
      exclude: ["schema.json"]),
    // Its parsers are nobody's business outside, but the fuzzer's.
    .target(
      name: "RPCTransport",
      dependencies: [
        "CZlib", "HTTP1", "HTTP2", "Platform", "RPC", "RPCContracts", "Reactor", "WellKnownTypes",
        "Wire",
      ],
      swiftSettings: [.unsafeFlags(["-enable-testing"])]),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "HTTP1", "HTTP2", "RPC", "RPCTransport", "SchemaCompiler", "WellKnownTypes", "Wire",
      ],
      exclude: ["fuzz.proto"], swiftSettings: [.unsafeFlags(["-parse-as-library"])]),
  ],
  swiftLanguageModes: [.v6]
)
