// swift-tools-version: 6.3
import PackageDescription

/// What every target of the package is held to; style.md gives the reasons.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Every module of contracts, for who wants them all.
let allContracts = [
  "TypeContracts", "RPCContracts", "IdentityContracts", "CatalogContracts", "PaymentsContracts",
  "OnboardingContracts", "OperationsContracts", "GatewayContracts",
]

/// What schemac generates from one family of packages in Proto/.
func contracts(_ name: String, _ dependencies: String...) -> Target {
  .target(
    name: name,
    dependencies: (["WellKnownTypes", "Wire"] + dependencies).map { .target(name: $0) },
    path: "Sources/Contracts/\(name)", exclude: ["schema.json"], swiftSettings: strict,
    plugins: ["SchemaPlugin"])
}

let package = Package(
  name: "sarai",
  products: [
    .library(name: "Wire", targets: ["Wire"]),
    .library(name: "Contracts", targets: allContracts),
    .library(name: "RPC", targets: ["RPC"]),
    .library(name: "RPCTransport", targets: ["RPCTransport", "Reactor", "Platform"]),
    .library(name: "WellKnownTypes", targets: ["WellKnownTypes"]),
    .library(name: "SchemaCompiler", targets: ["SchemaCompiler"]),
    .plugin(name: "SchemaPlugin", targets: ["SchemaPlugin"]),
    .executable(name: "schemac", targets: ["schemac"]),
    .executable(name: "sarai", targets: ["sarai"]),
    .executable(name: "identity", targets: ["identity"]),
    .executable(name: "payments", targets: ["payments"]),
    .executable(name: "interop-server", targets: ["interop-server"]),
    .executable(name: "interop-client", targets: ["interop-client"]),
  ],
  targets: [
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(name: "Platform", swiftSettings: strict),
    .target(
      name: "Reactor", dependencies: ["CLinux", "COpenSSL", "Platform"], swiftSettings: strict),
    .systemLibrary(
      name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(
      name: "Storage", dependencies: ["CPostgreSQL", "CSQLite", "Cryptography", "Platform"],
      swiftSettings: strict),
    .target(
      name: "Cryptography", dependencies: ["CCrypto", "Platform"], swiftSettings: strict),
    .target(
      name: "Access",
      dependencies: [
        "Cryptography", "IdentityContracts", "Platform", "RPC", "RPCContracts", "TypeContracts",
        "WellKnownTypes", "Wire",
      ],
      exclude: ["Proto", "schema.json"], swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .target(
      name: "ServiceKit",
      dependencies: [
        "Access", "Cryptography", "HTTP1", "OperationsContracts", "Platform", "RPC",
        "RPCContracts", "RPCServices", "RPCTransport", "Reactor", "Storage", "TypeContracts",
        "WellKnownTypes", "Wire",
      ],
      exclude: ["Proto", "schema.json"], swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "HTTPClient", dependencies: ["CCurl", "Platform"], swiftSettings: strict),
    .target(
      name: "Providers",
      dependencies: ["Cryptography", "HTTPClient", "Platform", "WellKnownTypes", "Wire"],
      exclude: ["Proto", "schema.json"], swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .target(
      name: "ProviderSimulator",
      dependencies: ["HTTPClient", "Platform", "Providers", "Storage", "WellKnownTypes", "Wire"],
      swiftSettings: strict),
    .executableTarget(
      name: "provider-simulator",
      dependencies: [
        "HTTP1", "HTTPClient", "Platform", "ProviderSimulator", "Storage", "Terminal",
      ],
      swiftSettings: strict),
    .target(
      name: "PaymentsService",
      dependencies: [
        "Access", "CatalogContracts", "Cryptography", "HTTPClient", "IdentityContracts",
        "PaymentsContracts",
        "Platform", "Providers", "RPC", "RPCContracts", "ServiceKit", "Storage", "TypeContracts",
        "WellKnownTypes", "Wire",
      ],
      path: "Services/Payments", exclude: ["Main"], swiftSettings: strict),
    .executableTarget(
      name: "payments", dependencies: ["PaymentsService", "ServiceKit"],
      path: "Services/Payments/Main", swiftSettings: strict),
    .target(
      name: "IdentityService",
      dependencies: [
        "Access", "Cryptography", "IdentityContracts", "Platform", "RPC", "RPCContracts",
        "ServiceKit", "Storage", "TypeContracts", "WellKnownTypes", "Wire",
      ],
      path: "Services/Identity", exclude: ["Main"], swiftSettings: strict),
    .executableTarget(
      name: "identity", dependencies: ["IdentityService", "ServiceKit"],
      path: "Services/Identity/Main", swiftSettings: strict),
    .target(name: "HTTP1", swiftSettings: strict),
    .target(name: "HTTP2", dependencies: ["CNghttp2"], swiftSettings: strict),
    .target(
      name: "RPCTransport",
      dependencies: [
        "CZlib", "HTTP1", "HTTP2", "Platform", "RPC", "RPCContracts", "Reactor", "WellKnownTypes",
        "Wire",
      ],
      swiftSettings: strict),
    .target(name: "Wire", dependencies: ["CCrypto"], swiftSettings: strict),
    .target(name: "Terminal", dependencies: ["SchemaCompiler"], swiftSettings: strict),
    .target(name: "SchemaCompiler", dependencies: ["Wire"], swiftSettings: strict),
    .target(
      name: "LoadTest",
      dependencies: ["HTTP2", "Platform", "Reactor", "RPC", "SchemaCompiler", "Wire"],
      swiftSettings: strict),
    .target(
      name: "CallTool",
      dependencies: ["RPC", "RPCContracts", "RPCServices", "SchemaCompiler", "Wire"],
      swiftSettings: strict),
    .executableTarget(
      name: "sarai",
      dependencies: [
        "CallTool", "LoadTest", "Platform", "Reactor", "RPC", "RPCTransport", "SchemaCompiler",
        "Terminal", "Wire",
      ],
      swiftSettings: strict),
    .target(name: "RPC", dependencies: ["Platform", "Wire"], swiftSettings: strict),
    .target(
      name: "RPCServices", dependencies: ["Platform", "RPC", "Wire"],
      exclude: ["Proto", "schema.json"], swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .target(
      name: "WellKnownTypes", dependencies: ["Wire"], exclude: ["schema.json"],
      swiftSettings: strict, plugins: ["SchemaPlugin"]),
    contracts("TypeContracts"),
    contracts("RPCContracts", "TypeContracts"),
    contracts("IdentityContracts", "RPC", "TypeContracts"),
    contracts("CatalogContracts", "RPC", "TypeContracts"),
    contracts("PaymentsContracts", "RPC", "TypeContracts"),
    contracts("OnboardingContracts", "RPC", "TypeContracts"),
    contracts("OperationsContracts", "RPC", "TypeContracts"),
    contracts(
      "GatewayContracts", "RPC", "TypeContracts", "IdentityContracts", "CatalogContracts",
      "PaymentsContracts", "OnboardingContracts"),
    .plugin(
      name: "SchemaPlugin", capability: .buildTool(), dependencies: ["schemac"],
      path: "Sources/SchemaPlugin"),
    .executableTarget(
      name: "schemac", dependencies: ["SchemaCompiler", "Terminal", "Wire"], swiftSettings: strict),
    .executableTarget(
      name: "native-testee",
      dependencies: (allContracts + ["WellKnownTypes", "Wire"]).map { .target(name: $0) },
      path: "Tests/SecondImplementation/Testee", exclude: ["schema.json"], swiftSettings: strict,
      plugins: ["SchemaPlugin"]),
    .executableTarget(
      name: "http1-testee", dependencies: ["HTTP1"], path: "Tests/HTTP1Judge/Testee",
      swiftSettings: strict),
    .executableTarget(
      name: "access-testee", dependencies: ["Access", "Cryptography", "Platform"],
      path: "Tests/AccessJudge/Testee", swiftSettings: strict),
    .executableTarget(
      name: "codec-bench", dependencies: ["Wire"], path: "Tests/Benchmarks/Codec/Sarai",
      swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .executableTarget(
      name: "rpc-bench-server", dependencies: ["RPC", "RPCTransport", "Reactor", "Wire"],
      path: "Tests/Benchmarks/RPC/Sarai", swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .executableTarget(
      name: "identity-bench", dependencies: ["Access", "Cryptography", "Platform"],
      path: "Tests/Benchmarks/Identity/Sarai", swiftSettings: strict),
    .target(
      name: "InteropContracts", dependencies: ["RPC", "Wire"], path: "Tests/Interop/Contracts",
      exclude: ["schema.json"], swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .executableTarget(
      name: "interop-server",
      dependencies: [
        "InteropContracts", "Platform", "RPC", "RPCServices", "RPCTransport", "Reactor",
      ],
      path: "Tests/Interop/Server", swiftSettings: strict),
    .executableTarget(
      name: "interop-client",
      dependencies: ["InteropContracts", "Platform", "RPC", "RPCTransport", "Reactor"],
      path: "Tests/Interop/Client", swiftSettings: strict),
    .testTarget(
      name: "RPCServicesTests", dependencies: ["Platform", "RPC", "RPCServices", "Wire"],
      swiftSettings: strict),
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
    .testTarget(
      name: "LoadTestTests",
      dependencies: [
        "HTTP2", "LoadTest", "Platform", "Reactor", "RPC", "SchemaCompiler", "Wire",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CallToolTests",
      dependencies: [
        "CallTool", "Platform", "RPC", "RPCContracts", "RPCServices", "SchemaCompiler", "Wire",
      ],
      swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
    .testTarget(name: "HTTP1Tests", dependencies: ["HTTP1"], swiftSettings: strict),
    .testTarget(
      name: "CryptographyTests", dependencies: ["Cryptography", "Platform"],
      swiftSettings: strict),
    .target(
      name: "AccessTesting",
      dependencies: ["Access", "CallTool", "Platform", "RPC", "SchemaCompiler"],
      path: "Tests/AccessTesting", swiftSettings: strict),
    .testTarget(
      name: "AccessTests",
      dependencies: (allContracts + [
        "Access", "AccessTesting", "Cryptography", "Platform", "RPC", "SchemaCompiler", "Wire",
      ]).map { .target(name: $0) },
      swiftSettings: strict),
    .target(
      name: "SampleService",
      dependencies: [
        "Access", "Platform", "RPC", "ServiceKit", "Storage", "TypeContracts", "Wire",
      ],
      path: "Tests/SampleService", exclude: ["Main", "Proto", "schema.json"],
      swiftSettings: strict, plugins: ["SchemaPlugin"]),
    .executableTarget(
      name: "chaos",
      dependencies: [
        "Access", "Cryptography", "IdentityContracts", "OperationsContracts", "PaymentsContracts",
        "Platform", "RPC", "RPCTransport", "Reactor", "TypeContracts", "Wire",
      ],
      path: "Tests/Chaos", exclude: ["Shim"], swiftSettings: strict),
    .executableTarget(
      name: "sample-service", dependencies: ["SampleService", "ServiceKit"],
      path: "Tests/SampleService/Main", swiftSettings: strict),
    .testTarget(
      name: "ServiceKitTests",
      dependencies: [
        "Access", "Cryptography", "OperationsContracts", "Platform", "RPC", "RPCContracts",
        "RPCTransport", "Reactor", "SampleService", "ServiceKit", "Storage", "StorageTesting",
        "TypeContracts", "WellKnownTypes", "Wire", "sample-service",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "IdentityServiceTests",
      dependencies: [
        "Access", "AccessTesting", "Cryptography", "IdentityContracts", "IdentityService",
        "Platform", "RPC", "RPCContracts", "ServiceKit", "Storage", "StorageTesting",
        "TypeContracts", "WellKnownTypes", "Wire",
      ],
      swiftSettings: strict),
    .target(
      name: "StorageTesting", dependencies: ["Storage"], path: "Tests/StorageTesting",
      swiftSettings: strict),
    .testTarget(
      name: "StorageTests", dependencies: ["FailingDisk", "Platform", "Storage", "StorageTesting"],
      swiftSettings: strict),
    // Lets a test fail fdatasync under a folder: what it defines goes before the C library's.
    .target(name: "FailingDisk", path: "Tests/FailingDisk"),
    .testTarget(
      name: "PaymentsServiceTests",
      dependencies: [
        "Access", "AccessTesting", "CatalogContracts", "Cryptography", "HTTPClient",
        "IdentityContracts", "PaymentsContracts", "PaymentsService", "Platform",
        "ProviderSimulator", "Providers", "RPC", "RPCContracts", "ServiceKit", "Storage",
        "StorageTesting", "TypeContracts", "WellKnownTypes", "Wire",
      ],
      swiftSettings: strict),
    .testTarget(name: "PlatformTests", dependencies: ["Platform"], swiftSettings: strict),
    .testTarget(
      name: "ReactorTests", dependencies: ["Platform", "Reactor"], swiftSettings: strict),
    .testTarget(name: "HTTP2Tests", dependencies: ["HTTP2"], swiftSettings: strict),
    .testTarget(name: "RPCTests", dependencies: ["RPC", "Wire"], swiftSettings: strict),
    .testTarget(
      name: "RPCTransportTests",
      dependencies: ["HTTP2", "Platform", "RPC", "RPCTransport", "Reactor", "Wire"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

// SARAI_TESTS=WireTests,HTTP2Tests leaves only these tests and what they stand on: who builds anew for
// a few of them, as the sanitizers do, need not build the rest.
if let tests = Context.environment["SARAI_TESTS"] {
  var kept: Set<String> = []
  var found = ["SchemaPlugin"] + tests.split(separator: ",").map(String.init)
  while let name = found.popLast() {
    guard kept.insert(name).inserted else { continue }
    for target in package.targets where target.name == name {
      found += target.dependencies.compactMap {
        switch $0 {
        case .targetItem(let name, _), .byNameItem(let name, _): name
        default: nil
        }
      }
    }
  }
  package.targets.removeAll { !kept.contains($0.name) }
  package.products.removeAll()
}
