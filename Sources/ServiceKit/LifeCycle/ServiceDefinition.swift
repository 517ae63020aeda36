public import Access
public import RPC
public import Storage

/// All that makes one service another than its siblings. The same definition runs as a program
/// (`ServiceProgram`) and within a test or the simulator (`ServiceHost`).
public struct ServiceDefinition<Options: Sendable>: Sendable {
  /// The name by which its certificate, its peers and its operator know it: `identity`.
  public let name: String
  /// What it is for, in a line.
  public let summary: String
  /// The port that it serves unless told otherwise; its admin port lies 1,000 above.
  public let defaultPort: UInt16
  /// Every step of its database.
  public let migrations: [Migration]
  /// A `google.protobuf.FileDescriptorSet` of each of its contracts.
  public let descriptors: [[UInt8]]
  /// The services that it calls.
  public let peers: [ServicePeer]
  /// What its data must keep, beside what the database checks itself.
  public let rules: [IntegrityRule]
  /// Asks for the settings that are its own.
  public let settings: @Sendable (inout Settings) -> Options
  /// Builds the service; what it throws is told to whoever started the program.
  public let start: @Sendable (ServiceEnvironment, Options) async throws -> RunningService

  /// A service.
  public init(
    name: String, summary: String, defaultPort: UInt16, migrations: [Migration],
    descriptors: [[UInt8]], peers: [ServicePeer] = [], rules: [IntegrityRule] = [],
    settings: @escaping @Sendable (inout Settings) -> Options,
    start: @escaping @Sendable (ServiceEnvironment, Options) async throws -> RunningService
  ) {
    self.name = name
    self.summary = summary
    self.defaultPort = defaultPort
    self.migrations = migrations
    self.descriptors = descriptors
    self.peers = peers
    self.rules = rules
    self.settings = settings
    self.start = start
  }
}

/// A service that another one calls.
public struct ServicePeer: Sendable, Hashable {
  /// Its name, which its certificate bears.
  public let name: String
  /// The port that it serves by default.
  public let defaultPort: UInt16

  /// A service at a port.
  public init(_ name: String, port: UInt16) {
    self.name = name
    defaultPort = port
  }

  /// Who is who.
  public static let identity = ServicePeer("identity", port: 7001)
  /// What is for sale.
  public static let catalog = ServicePeer("catalog", port: 7002)
  /// Money.
  public static let payments = ServicePeer("payments", port: 7003)
  /// Applications, training, hosting.
  public static let onboarding = ServicePeer("onboarding", port: 7004)
}

/// What a service has built of itself.
public struct RunningService: Sendable {
  /// What it serves, beside what every service does.
  public var services: [any Service]
  /// What it does unasked.
  public var jobs: [BackgroundJob]
  /// Its invariants over all data, beside the definition's rules: gives what is broken, in words.
  public var integrity: (@Sendable (IntegrityProgress) async throws -> [String])?
  /// The limits that its operator can set.
  public var limits: [ServiceLimit]
  /// Seals all that it has stored under the newest key of the key file, and says how much that was.
  public var resealSecrets: (@Sendable () async throws -> Int)?
  /// Who signs the access tokens, for the service that does; others ask it.
  public var keys: TokenVerifier.KeySource?
  /// Called when it serves no more and before its database is stopped.
  public var stop: @Sendable () async -> Void

  /// A service that serves these.
  public init(
    _ services: [any Service], jobs: [BackgroundJob] = [],
    integrity: (@Sendable (IntegrityProgress) async throws -> [String])? = nil,
    limits: [ServiceLimit] = [], resealSecrets: (@Sendable () async throws -> Int)? = nil,
    keys: TokenVerifier.KeySource? = nil, stop: @escaping @Sendable () async -> Void = {}
  ) {
    self.services = services
    self.jobs = jobs
    self.integrity = integrity
    self.limits = limits
    self.resealSecrets = resealSecrets
    self.keys = keys
    self.stop = stop
  }
}

/// Is told how far an integrity check is: of how many things, how many are done.
public typealias IntegrityProgress = @Sendable (_ done: Int64, _ total: Int64) async throws -> Void
