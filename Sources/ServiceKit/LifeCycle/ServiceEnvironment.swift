public import Access
public import Platform
public import RPC
public import Storage
public import Wire

/// All that reaches a service from outside of it. There is nothing else: a service touches no
/// globals, so that it runs alike on the machine's clock and on a test's.
public struct ServiceEnvironment: Sendable {
  /// The service's name.
  public let name: String
  /// This copy, new at each start.
  public let instanceID: UUID
  /// Whether demo sign-ins and the like exist.
  public let isDemo: Bool
  /// The folder for its files.
  public let dataFolder: String
  /// Tells the time.
  public let time: any TimeSource
  /// Gives chance.
  public let random: any RandomSource
  /// What happens is told here.
  public let log: Log
  /// What is counted is counted here.
  public let metrics: Metrics
  /// Its own database, migrated.
  public let database: Database
  /// Its documents and media.
  public let blobs: BlobStore
  /// Its events.
  public let outbox: Outbox
  /// What repeated calls are answered from.
  public let records: RequestRecords
  /// Seals the secrets that it stores.
  public let secrets: SecretBox
  /// Verifies access tokens; the service that signs them also revokes them here.
  public let verifier: TokenVerifier
  /// Who signs tokens for whom.
  public let realm: AccessToken.Realm
  let peers: [String: PeerTransport]

  /// What carries calls to another service. It has to be one of the definition's peers.
  public func client(to peer: ServicePeer) -> PeerTransport {
    guard let transport = peers[peer.name] else {
      preconditionFailure("\(name) calls \(peer.name): name it among the definition's peers")
    }
    return transport
  }

  /// A new identifier, which sorts behind earlier ones.
  public func newID() -> UUID { UUID.version7(sinceEpoch: time.sinceEpoch(), AnyRandom(random)) }
}

/// A source of chance, whichever.
struct AnyRandom: RandomSource {
  let source: any RandomSource
  init(_ source: any RandomSource) { self.source = source }
  func next() -> UInt64 { source.next() }
}

/// Carries calls to another service, over the network or within the process.
public struct PeerTransport: ClientTransport {
  private let base: any ClientTransport

  /// By way of `base`.
  public init(_ base: any ClientTransport) { self.base = base }

  /// What messages are encoded as.
  public var encoding: Encoding { base.encoding }

  /// Makes a call of one request and one response.
  public func unary(
    _ method: MethodDescriptor, _ request: [UInt8], options: CallOptions
  ) async throws(RPCError) -> [UInt8] {
    try await base.unary(method, request, options: options)
  }

  /// Makes a call of any other kind.
  public func stream<T: Sendable>(
    _ method: MethodDescriptor, options: CallOptions,
    _ exchange: @escaping @Sendable (ByteWriter, ByteStream) async throws -> T
  ) async throws -> T {
    try await base.stream(method, options: options, exchange)
  }
}
