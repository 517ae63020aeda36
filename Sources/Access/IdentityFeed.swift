internal import IdentityContracts
public import Platform
public import RPC

/// What a service's verifier learns from identity by calls: its keys, and who was signed out.
public struct IdentityFeed<Transport: ClientTransport>: Sendable {
  private let transport: Transport
  private let time: any TimeSource

  /// How long a call for the keys may take.
  private static var keysWithin: Duration { .seconds(2) }

  /// Calls identity over `transport`.
  public init(_ transport: Transport, time: any TimeSource) {
    self.transport = transport
    self.time = time
  }

  /// The keys as identity publishes them now.
  /// - Throws: `RPCError` when identity does not answer.
  public func keySet() async throws(RPCError) -> KeySet {
    let client = Identity.SessionServiceClient(transport)
    let answer = try await client.getKeySet(
      Identity.GetKeySetRequest(), options: CallOptions(timeout: Self.keysWithin))
    var keys = KeySet()
    for key in answer.keys {
      keys.add(
        kty: key.kty, crv: key.crv, x: key.x, kid: key.kid, alg: key.alg, use: key.use)
    }
    return keys
  }

  /// Tells the verifier of every revocation until the task is cancelled; when the stream breaks, it
  /// goes on a second later behind what it has seen. To be run as a background job of the service.
  public func followRevocations(into verifier: TokenVerifier) async {
    let position = Lock<Int64>(0)
    while !Task.isCancelled {
      let client = Identity.SessionServiceClient(transport)
      let request = Identity.StreamRevocationsRequest(afterPosition: position.withLock { $0 })
      do {
        try await client.streamRevocations(request) { revocations in
          while let revocation = try await revocations.next() {
            if let id = UUID(revocation.sessionId) ?? UUID(revocation.apiKeyId) {
              verifier.revoke(id)
            }
            if let id = UUID(revocation.keyId) { verifier.withdraw(key: id) }
            position.withLock { $0 = revocation.position }
          }
        }
      } catch let error as RPCError where error.code == .outOfRange {
        // What is no longer kept is no longer needed: tokens of then are over.
        position.withLock { $0 = 0 }
      } catch {
        // Identity is away; tokens end by themselves meanwhile.
      }
      await time.sleep(until: time.now() + .seconds(1))
    }
  }
}
