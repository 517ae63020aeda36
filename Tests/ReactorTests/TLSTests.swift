import Testing

@testable import Reactor

@Suite(.timeLimit(.minutes(3))) final class TLSTests {
  private let group = EventLoopGroup(count: 1)
  private let accepted = AsyncStream<RecordingHandler>.makeStream()
  private let certificates: Certificates

  init() throws {
    certificates = try Certificates()
    try certificates.makeAuthority("authority")
    try certificates.make("server", from: "authority")
    try certificates.make("client", from: "authority", dnsName: "gateway.sarai")
  }

  deinit { group.stop() }

  private func listen(_ tls: TLSContext) async throws -> SocketAddress {
    let address = try #require(SocketAddress("127.0.0.1", port: 0))
    let accepted = accepted.continuation
    return try await group.listen(on: address, tls: tls) { _ in
      let handler = RecordingHandler(echoes: true)
      accepted.yield(handler)
      return handler
    }.address
  }

  private func connect(
    _ address: SocketAddress, _ tls: TLSContext, name: String = "localhost"
  ) async throws -> RecordingHandler {
    let handler = RecordingHandler()
    let loop = group.loops[0]
    try await loop.run { () -> Result<Void, SocketError> in
      do throws(SocketError) {
        _ = try loop.connect(to: address, tls: tls, serverName: name, handler: handler)
        return .success(())
      } catch {
        return .failure(error)
      }
    }.get()
    return handler
  }

  private func server() async throws -> RecordingHandler {
    try #require(await accepted.stream.first { _ in true })
  }

  private func reason(_ event: RecordingHandler.Event?) -> String {
    if case .closed(.failed(let reason)) = event { reason } else { "\(event, default: "nothing")" }
  }

  private var mutualTLS: TLSContext {
    get throws { try TLSContext(.server, certificates.files("server", trusting: "authority")) }
  }

  @Test func `both sides know each other, ALPN chooses, and bytes go there and back`() async throws
  {
    let address = try await listen(mutualTLS)
    let client = try await connect(
      address, TLSContext(.client, certificates.files("client", trusting: "authority")))
    #expect(await client.next() == .opened("h2"))
    let server = try await server()
    #expect(await server.next() == .opened("h2"))
    #expect(
      server.connection?.peerCertificate
        == PeerCertificate(commonName: "client", dnsNames: ["gateway.sarai"]))
    let sent = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 11) }
    client.send(sent)
    #expect(await client.bytes(sent.count) == sent)
    client.close()
    #expect(await server.rest().end == .closedByPeer)
  }

  @Test func `a caller without a certificate is refused`() async throws {
    let address = try await listen(mutualTLS)
    let client = try await connect(
      address, TLSContext(.client, certificates.files(trusting: "authority")))
    #expect(
      reason(await (try server()).next())
        == "TLS handshake: peer did not return a certificate")
    #expect(await client.rest().bytes == [])
  }

  @Test(arguments: ["stranger", "expired"])
  func `a caller whose certificate is no good is refused`(_ name: String) async throws {
    try certificates.makeAuthority("other")
    try certificates.make("stranger", from: "other")
    try certificates.make("expired", from: "authority", days: -1)
    let address = try await listen(mutualTLS)
    let client = try await connect(
      address, TLSContext(.client, certificates.files(name, trusting: "authority")))
    let expected = [
      "stranger": "TLS handshake: unable to get local issuer certificate",
      "expired": "TLS handshake: certificate has expired",
    ]
    #expect(reason(await (try server()).next()) == expected[name])
    #expect(await client.rest().bytes == [])
  }

  @Test(arguments: ["authority", "name", "time"])
  func `a server whose certificate is no good is refused`(_ fault: String) async throws {
    try certificates.makeAuthority("other")
    try certificates.make("stranger", from: "other")
    try certificates.make("expired", from: "authority", days: -1)
    let shown = ["authority": "stranger", "name": "server", "time": "expired"][fault]
    let address = try await listen(TLSContext(.server, certificates.files(shown)))
    let client = try await connect(
      address, TLSContext(.client, certificates.files(trusting: "authority")),
      name: fault == "name" ? "example.com" : "localhost")
    let expected = [
      "authority": "TLS handshake: unable to get local issuer certificate",
      "name": "TLS handshake: hostname mismatch", "time": "TLS handshake: certificate has expired",
    ]
    #expect(reason(await client.next()) == expected[fault])
  }

  @Test func `a caller that speaks no protocol of ours is refused`() async throws {
    let address = try await listen(TLSContext(.server, certificates.files("server")))
    let client = try await connect(
      address,
      TLSContext(.client, certificates.files(trusting: "authority"), protocolNames: ["spdy/3"]))
    #expect(reason(await client.next()).hasPrefix("TLS handshake: "))
  }

  @Test(arguments: [
    ("-tls1_1", "DEFAULT:@SECLEVEL=0", false), ("-tls1_2", "AES128-SHA:@SECLEVEL=0", false),
    ("-tls1_2", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", false),
    ("-tls1_2", "ECDHE-ECDSA-AES128-GCM-SHA256", true),
  ])
  func `old versions and weak suites are refused`(
    _ version: String, _ suites: String, _ isTaken: Bool
  ) async throws {
    let address = try await listen(TLSContext(.server, certificates.files("server")))
    let output = try certificates.openssl(
      ["s_client", "-connect", address.description, version, "-cipher", suites], mayFail: true)
    #expect(output.contains("Cipher is (NONE)") == !isTaken, "\(output)")
  }

  @Test func `a second connection resumes the session of the first`() async throws {
    let address = try await listen(mutualTLS)
    let tls = try TLSContext(.client, certificates.files("client", trusting: "authority"))
    for isResumed in [false, true] {
      let client = try await connect(address, tls)
      #expect(await client.next() == .opened("h2"))
      let server = try await server()
      #expect(await server.next() == .opened("h2"))
      #expect(client.connection?.isResumed == isResumed)
      #expect(server.connection?.peerCertificate?.commonName == "client")
      // The session comes before the first bytes that the server sends.
      client.send([1])
      #expect(await client.bytes(1) == [1])
      client.close()
    }
  }

  @Test func `certificates change while the server runs, and wrong files change nothing`()
    async throws
  {
    let context = try TLSContext(.server, certificates.files("server"))
    let address = try await listen(context)
    let tls = try TLSContext(.client, certificates.files(trusting: "authority"))
    let before = try await connect(address, tls)
    #expect(await before.next() == .opened("h2"))
    #expect(before.connection?.peerCertificate?.commonName == "server")
    try certificates.make("renewed", from: "authority")
    try context.reload(certificates.files("renewed"))
    let error = #expect(throws: TLSError.self) {
      try context.reload(certificates.files("missing"))
    }
    #expect(error?.description.contains("missing.pem") == true)
    let after = try await connect(address, tls)
    #expect(await after.next() == .opened("h2"))
    #expect(after.connection?.peerCertificate?.commonName == "renewed")
    before.send([1])
    #expect(await before.bytes(1) == [1])
  }
}
