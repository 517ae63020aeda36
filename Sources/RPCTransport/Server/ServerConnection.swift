import Platform
import RPC
import Reactor

/// A connection in one of the protocols that a server speaks. On the connection's loop.
protocol ProtocolConnection: AnyObject {
  func receive(_ bytes: Span<UInt8>)
  func produce(into output: inout [UInt8], upTo byteCountMax: Int)
  func close(_ reason: ConnectionEnd)
  /// Takes no further call and closes when those in flight have ended.
  func drain()
  /// Why the connection has to be ended for a time limit; nil if it may go on.
  func check(now: MonotonicTime) -> String?
  /// Says to the peer that it is ended.
  func end(_ reason: String)
}

/// A connection that a server has accepted: finds out which protocol the peer speaks, keeps the
/// time limits, and drains.
final class ServerConnection: ConnectionHandler {
  /// How HTTP/2 begins, RFC 9113 section 3.4.
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  private let server: ServerCore
  private let registry: ConnectionRegistry
  private var connection: Connection?
  private var peer = Peer(address: "unknown")
  private var spoken: (any ProtocolConnection)?
  private var beginning: [UInt8] = []
  private var openedAt = MonotonicTime(nanoseconds: 0)
  private var timer: LoopTimer?
  private var wasEnded = false
  private var isDraining = false

  init(_ server: ServerCore, _ registry: ConnectionRegistry) {
    self.server = server
    self.registry = registry
  }

  func connectionOpened(_ connection: Connection, protocolName: String?) {
    self.connection = connection
    openedAt = connection.loop.now
    peer = Peer(
      address: connection.peer?.description ?? "unknown",
      certificateNames: connection.peerCertificate?.names ?? [])
    server.observe(.opened(peer: peer.address))
    registry.add(self)
    if protocolName == "h2" { speakHTTP2(connection) }
    scheduleCheck(connection.loop)
  }

  func connectionReceived(_ bytes: Span<UInt8>) {
    if let spoken { return spoken.receive(bytes) }
    guard let connection else { return }
    unsafe bytes.withUnsafeBufferPointer { unsafe beginning.append(contentsOf: $0) }
    let common = zip(beginning, Self.preface).prefix { $0 == $1 }.count
    if common == Self.preface.count {
      speakHTTP2(connection)
    } else if common < beginning.count {
      spoken = HTTP1ServerConnection(server, connection, peer: peer, registry.turnstile)
      if isDraining { spoken?.drain() }
    } else {
      // All of it could still become the preface.
      return
    }
    let first = beginning
    beginning = []
    spoken?.receive(first.span)
  }

  private func speakHTTP2(_ connection: Connection) {
    spoken = HTTP2ServerConnection(
      server, connection, peer: peer, registry.sessionMemory, registry.turnstile)
    if isDraining { spoken?.drain() }
  }

  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {
    spoken?.produce(into: &output, upTo: byteCountMax)
  }

  func connectionClosed(_ reason: ConnectionEnd) {
    if let timer, let connection { connection.loop.cancel(timer) }
    spoken?.close(reason)
    registry.remove(self)
    spoken = nil
    connection = nil
    guard !wasEnded else { return }
    if case .failed(let text) = reason {
      server.observe(.ended(peer: peer.address, reason: text))
    } else {
      server.observe(.closed(peer: peer.address))
    }
  }

  func drain() {
    isDraining = true
    if let spoken { return spoken.drain() }
    // Its first call may be on its way.
    connection?.loop.schedule(after: .milliseconds(500)) { [weak self] in
      if let self, spoken == nil { close() }
    }
  }

  func close() { connection?.close() }

  // MARK: Time limits

  private func scheduleCheck(_ loop: EventLoop) {
    // Often enough that no limit is kept more than a fifth too long.
    let shortest = min(server.limits.prefaceMax, server.limits.headersMax)
    timer = loop.schedule(after: shortest / 5) { [weak self] in self?.check() }
  }

  private func check() {
    guard let connection else { return }
    let now = connection.loop.now
    let limits = server.limits
    if connection.hasUnsentBytes, now - connection.lastWrite > limits.writeStallMax {
      observeEnd("it read nothing for \(limits.writeStallMax)")
      return connection.close()
    }
    if !wasEnded, let reason = reasonToEnd(now) {
      observeEnd(reason)
      guard let spoken else { return connection.close() }
      spoken.end(reason)
    }
    // After the last words, too: a peer that does not take them must not keep the socket.
    scheduleCheck(connection.loop)
  }

  private func reasonToEnd(_ now: MonotonicTime) -> String? {
    if let spoken { return spoken.check(now: now) }
    let limit = server.limits.prefaceMax
    return now - openedAt > limit ? "nothing understandable within \(limit)" : nil
  }

  private func observeEnd(_ reason: String) {
    guard !wasEnded else { return }
    wasEnded = true
    server.observe(.ended(peer: peer.address, reason: reason))
  }
}

extension PeerCertificate {
  /// All names that the certificate bears, the common name first.
  var names: [String] { (commonName.map { [$0] } ?? []) + dnsNames }
}
