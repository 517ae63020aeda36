import Access
import Cryptography
import IdentityContracts
import Platform
import RPC
import RPCTransport
import Reactor
import Wire

/// Stands in for identity: publishes a key, and signs tokens of an operator with it.
final class StubIdentity: Sendable {
  let address: SocketAddress
  private let server: RPCServer
  private let key: SigningKey
  private let keyID = UUID(high: 0x0190_0000_0000_7001, low: 0x8000_0000_0000_0001)
  private let person = UUID(high: 0x0190_0000_0000_7001, low: 0x8000_0000_0000_0002)
  private let token = Lock<(text: String, until: MonotonicTime)>(
    ("", MonotonicTime(nanoseconds: .min)))
  /// How far the clock of who verifies is ahead.
  private let ahead = Lock(Duration.zero)

  init(on group: EventLoopGroup) async throws {
    let key = SigningKey.generate(SystemRandom())
    self.key = key
    let published = Identity.JsonWebKey(
      kty: "OKP", crv: "Ed25519", x: Base64URL.text(key.publicKey.bytes), kid: "\(keyID)",
      alg: "EdDSA", use: "sig")
    var router = Router()
    router.unary(Identity.SessionServiceMethods.getKeySet) { _, _ in
      Identity.GetKeySetResponse(keys: [published])
    }
    server = RPCServer(router, on: group)
    guard let loopback = SocketAddress("127.0.0.1", port: 0) else {
      preconditionFailure("127.0.0.1 is an address")
    }
    address = try await server.listen(on: loopback)
  }

  /// Makes a call one of an operator who has just stepped up.
  func sign(_ options: inout CallOptions) {
    options.metadata.set(CallerNaming.metadataName, "operator")
    options.metadata.set("authorization", "Bearer \(freshToken())")
  }

  func options() -> CallOptions {
    var options = CallOptions(timeout: .seconds(20))
    options.waitsForReady = true
    sign(&options)
    return options
  }

  /// The clock of who verifies has jumped.
  func clockChanged(by ahead: Duration) {
    self.ahead.withLock { $0 = ahead }
    token.withLock { $0.until = MonotonicTime(nanoseconds: .min) }
  }

  /// Step-ups are good for 5 minutes: a new token each minute.
  private func freshToken() -> String {
    let time = SystemTime()
    return token.withLock { token in
      if time.now() < token.until { return token.text }
      let now = time.sinceEpoch() + ahead.withLock { $0 }
      let fresh = AccessToken(
        .person(person, session: person, assurance: .twoFactors, signedInAt: now),
        organisation: person, roles: [.financeOperator, .platformOperator], steppedUpAt: now,
        id: UUID.version7(sinceEpoch: now, SystemRandom()), at: now)
      let text = fresh.signed(
        by: key, named: keyID, in: AccessToken.Realm(issuer: "https://sarai.localhost"))
      token = (text, time.now() + .seconds(60))
      return text
    }
  }
}
