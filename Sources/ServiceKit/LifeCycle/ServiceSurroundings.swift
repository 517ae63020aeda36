public import Access
public import Platform
public import RPC
public import Storage
internal import Wire

/// Where a service runs: what differs between a program on a machine and a test.
public struct ServiceSurroundings: Sendable {
  /// Tells the time.
  public var time: any TimeSource
  /// Gives chance.
  public var random: any RandomSource
  /// What happens is told here.
  public var log: Log
  /// Where the database lives.
  public var database: DatabaseLocation
  /// The limits of the database.
  public var databaseOptions = DatabaseOptions()
  /// The folder for files.
  public var dataFolder: String
  /// The folder for backups; nil for one in that for files.
  public var backupFolder: String?
  /// The keys of the secrets that are stored.
  public var keyFile: KeyFile
  /// The file that they are in; nil when they cannot be rotated.
  public var keyFilePath: String?
  /// Whether demo sign-ins and the like exist.
  public var isDemo = false
  /// How peers are known.
  public var naming = CallerNaming.certificates
  /// Who signs tokens for whom.
  public var realm = AccessToken.Realm(issuer: "https://sarai.localhost")
  /// Makes the spans; nil when nobody collects them.
  public var tracer: Tracer?
  var collector: CollectorLoop?
  /// Gives what carries calls to another service.
  public var connect: @Sendable (ServicePeer, [any ClientInterceptor]) -> any ClientTransport

  /// Surroundings, with what is mostly so.
  public init(
    time: any TimeSource, random: any RandomSource, log: Log, database: DatabaseLocation,
    dataFolder: String, keyFile: KeyFile,
    connect: @escaping @Sendable (ServicePeer, [any ClientInterceptor]) -> any ClientTransport
  ) {
    self.time = time
    self.random = random
    self.log = log
    self.database = database
    self.dataFolder = dataFolder
    self.keyFile = keyFile
    self.connect = connect
  }
}

/// Services of one process, which call each other without a network: for tests and the simulator.
///
///     let network = InProcessNetwork(time: time)
///     surroundings.connect = network.connect
public final class InProcessNetwork: Sendable {
  private let routers = Lock<[String: Router]>([:])
  private let time: any TimeSource

  /// Nobody is there yet.
  public init(time: any TimeSource) { self.time = time }

  /// Has a service reached by its name from now on; nil when it has stopped.
  public func set(_ name: String, _ router: Router?) {
    routers.withLock { $0[name] = router }
  }

  /// What carries calls to a service, which may come and go meanwhile.
  public func connect(
    _ peer: ServicePeer, _ interceptors: [any ClientInterceptor]
  ) -> any ClientTransport {
    InterceptedTransport(Way(network: self, name: peer.name), interceptors, time: time)
  }

  private struct Way: ClientTransport {
    let network: InProcessNetwork
    let name: String
    var encoding: Encoding { .native }

    private func transport() throws(RPCError) -> InProcessTransport {
      guard let router = network.routers.withLock({ $0[name] }) else {
        throw RPCError(.unavailable, "\(name) is not there")
      }
      return InProcessTransport(to: router, time: network.time)
    }

    func unary(
      _ method: MethodDescriptor, _ request: [UInt8], options: CallOptions
    ) async throws(RPCError) -> [UInt8] {
      try await transport().unary(method, request, options: options)
    }

    func stream<T: Sendable>(
      _ method: MethodDescriptor, options: CallOptions,
      _ exchange: @escaping @Sendable (ByteWriter, ByteStream) async throws -> T
    ) async throws -> T {
      try await transport().stream(method, options: options, exchange)
    }
  }
}
