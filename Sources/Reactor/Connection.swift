import Glibc
public import Platform

/// What a connection's bytes mean: the protocol that is spoken on it. Called on the loop's thread.
public protocol ConnectionHandler: AnyObject {
  /// The connection is open, its TLS handshake done; `protocolName` is what ALPN chose.
  func connectionOpened(_ connection: Connection, protocolName: String?)

  /// Bytes came in; they are gone when this returns.
  func connectionReceived(_ bytes: Span<UInt8>)

  /// There is room to send: appends what is to be sent, until `output` holds `byteCountMax` bytes
  /// or nothing is left. Called until it appends nothing.
  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int)

  /// The connection is closed; nothing is called after this.
  func connectionClosed(_ reason: ConnectionEnd)
}

/// Why a connection ended.
public enum ConnectionEnd: Sendable, Equatable, CustomStringConvertible {
  /// This side closed it.
  case closedHere
  /// The peer closed it.
  case closedByPeer
  /// It broke, or was never there: a text for the log.
  case failed(String)

  /// For the log.
  public var description: String {
    switch self {
    case .closedHere: "closed by this side"
    case .closedByPeer: "closed by the peer"
    case .failed(let reason): reason
    }
  }
}

/// A socket on a loop, with TLS or without, between its handler and the peer.
///
/// It keeps only what the kernel did not take: the buffers that it reads into and writes from are
/// the loop's. It never asks its handler for more output while some is unsent, which is how a slow
/// reader slows the writer down.
///
/// Sendable, because everything in it is only touched on its loop's thread, which the public
/// functions check.
public final class Connection: Watcher, @unchecked Sendable {
  ///     connecting --> handshaking --> open --> lingering --> closed
  ///
  /// Lingering: all is written, and what the peer still sends is dropped.
  private enum Phase { case connecting, handshaking, open, lingering, closed }

  /// The loop that the connection lives on.
  public let loop: EventLoop
  /// The other side's address, for logs and limits.
  public let peer: SocketAddress?
  private let socket: Socket
  private let tls: TLSSession?
  private var handler: (any ConnectionHandler)?
  private var phase: Phase
  private var token: UInt64 = 0
  private var interest: Readiness = []
  private var unsent: [UInt8] = []
  private var isFlushPending = false
  private var isReadingPaused = false
  private var closesWhenFlushed = false
  private var phaseTimer: LoopTimer?
  /// When bytes last left; for the handler's time-outs.
  public private(set) var lastWrite: MonotonicTime

  init(
    _ socket: consuming Socket, on loop: EventLoop, tls: TLSSession?, peer: SocketAddress?,
    isConnecting: Bool, handler: any ConnectionHandler
  ) {
    self.socket = socket
    self.loop = loop
    self.tls = tls
    self.peer = peer
    self.handler = handler
    lastWrite = loop.now
    phase = isConnecting ? .connecting : tls == nil ? .open : .handshaking
    tls?.attach(self.socket.descriptor)
  }

  /// What the peer's certificate says; nil without mutual TLS.
  public var peerCertificate: PeerCertificate? { tls?.peerCertificate }

  /// Whether the TLS handshake went on from an earlier session, which costs far less.
  public var isResumed: Bool { tls?.isResumed ?? false }

  /// Whether the kernel has not taken all that was to be sent.
  public var hasUnsentBytes: Bool { !unsent.isEmpty }

  func start() {
    interest = phase == .connecting ? .writable : .readable
    token = loop.watch(socket.descriptor, interest, self)
    if phase == .open {
      handler?.connectionOpened(self, protocolName: nil)
    } else {
      let limit = loop.now + ReactorLimits.handshakeMax
      phaseTimer = loop.schedule(at: limit) { [weak self] in
        self?.end(.failed("no connection within \(ReactorLimits.handshakeMax)"))
      }
      if phase == .handshaking { shakeHands() }
    }
  }

  // MARK: For the handler

  /// Says that there is something to send: the handler is asked for it at the end of this turn.
  public func flushSoon() {
    guard !isFlushPending, phase == .open else { return }
    isFlushPending = true
    loop.flushLater(self)
  }

  /// Stops or resumes reading; what the peer sends waits in the kernel and then with the peer.
  public func pauseReading(_ pauses: Bool) {
    guard pauses != isReadingPaused else { return }
    isReadingPaused = pauses
    updateInterest()
    // What TLS has decrypted already makes the socket ready no more.
    if !pauses, let tls, tls.hasPendingBytes {
      let connection = self
      loop.execute { connection.readAvailable() }
    }
  }

  /// Closes the connection once what is there has been sent.
  public func closeWhenFlushed() {
    closesWhenFlushed = true
    flushSoon()
  }

  /// Closes the connection at once.
  public func close() { end(.closedHere) }

  // MARK: Events

  func becameReady(_ readiness: Readiness) {
    loop.preconditionIsCurrent()
    switch phase {
    case .connecting: finishConnecting()
    case .handshaking: shakeHands()
    case .open:
      if readiness.contains(.writable) { flush() }
      // The kernel goes on telling that the peer is gone, and who does not read does not learn it.
      if readiness.contains(.hungUp), isReadingPaused { return end(.closedByPeer) }
      if !readiness.isDisjoint(with: [.readable, .hungUp]) { readAvailable() }
    case .lingering: dropAvailable()
    case .closed: break
    }
  }

  func loopEnds() { end(.closedHere) }

  private func finishConnecting() {
    let error = socket.pendingError()
    guard error == 0 else {
      return end(.failed(unsafe String(cString: strerror(error))))
    }
    if tls == nil { return open() }
    phase = .handshaking
    shakeHands()
  }

  private func shakeHands() {
    guard let tls else { return }
    switch tls.shakeHands() {
    case .done: open()
    case .wantsRead: updateInterest(.readable)
    case .wantsWrite: updateInterest(.writable)
    case .failed(let reason): end(.failed("TLS handshake: \(reason)"))
    }
  }

  private func open() {
    phase = .open
    if let phaseTimer { loop.cancel(phaseTimer) }
    phaseTimer = nil
    updateInterest()
    handler?.connectionOpened(self, protocolName: tls?.protocolName)
    if tls?.hasPendingBytes == true { readAvailable() }
  }

  private func readAvailable() {
    guard phase == .open, !isReadingPaused else { return }
    let buffer = unsafe loop.readBuffer.bytes
    var readCount = 0
    var hasMore: Bool
    repeat {
      readCount += 1
      let outcome =
        if let tls { unsafe tls.read(into: buffer) } else { unsafe socket.read(into: buffer) }
      switch outcome {
      case .bytes(0): return end(.closedByPeer)
      case .bytes(let count):
        unsafe handler?.connectionReceived(
          UnsafeBufferPointer(rebasing: buffer.bindMemory(to: UInt8.self)[..<count]).span)
        // What TLS keeps makes the socket ready no more.
        hasMore =
          tls?.hasPendingBytes == true
          || count == ReactorLimits.readBytesMax && readCount < ReactorLimits.readsPerTurnMax
            && !loop.isOlder(than: ReactorLimits.readTimeMax)
      case .notReady: return
      case .failed(let error): return end(.failed(unsafe String(cString: strerror(error))))
      }
    } while phase == .open && !isReadingPaused && hasMore
  }

  /// Sends what is there and what the handler has, until the kernel takes no more.
  func flush() {
    isFlushPending = false
    guard phase == .open else { return }
    guard sendUnsent() else { return updateInterest() }
    var writeCount = 0
    while phase == .open {
      if writeCount == ReactorLimits.writesPerTurnMax {
        isFlushPending = true
        loop.flushNextTurn(self)
        return updateInterest()
      }
      writeCount += 1
      loop.writeBuffer.removeAll(keepingCapacity: true)
      handler?.connectionProduce(
        into: &loop.writeBuffer, upTo: ReactorLimits.writeBytesMax)
      if loop.writeBuffer.isEmpty { break }
      let count = loop.writeBuffer.count
      let sent = unsafe loop.writeBuffer.withUnsafeBytes { unsafe send($0) }
      guard let sent else { return }
      if sent < count {
        unsent = Array(loop.writeBuffer[sent...])
        break
      }
      // The kernel took it all: most likely there is nothing further.
      if count < ReactorLimits.writeBytesMax / 2 { break }
    }
    if unsent.isEmpty && closesWhenFlushed { return linger() }
    updateInterest()
  }

  private func linger() {
    phase = .lingering
    tls?.shutDown()
    shutdown(socket.descriptor, Int32(SHUT_WR))
    updateInterest(.readable)
    phaseTimer = loop.schedule(after: ReactorLimits.lingerMax) { [weak self] in
      self?.end(.closedHere)
    }
  }

  private func dropAvailable() {
    switch unsafe socket.read(into: loop.readBuffer.bytes) {
    case .bytes(let count) where count > 0: break
    case .notReady: break
    case .bytes, .failed: end(.closedHere)
    }
  }

  /// Gives whether everything unsent has been sent.
  private func sendUnsent() -> Bool {
    if unsent.isEmpty { return true }
    guard let sent = unsafe unsent.withUnsafeBytes({ unsafe send($0) }) else { return false }
    if sent == unsent.count { unsent = [] } else { unsent.removeFirst(sent) }
    return unsent.isEmpty
  }

  /// How many of the bytes the kernel took; nil if the connection broke.
  private func send(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var sent = 0
    sending: while sent < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
      let outcome =
        if let tls { unsafe tls.write(rest) } else { unsafe socket.write(rest) }
      switch outcome {
      case .bytes(let count): sent += count
      case .notReady: break sending
      case .failed(let error):
        end(.failed(unsafe String(cString: strerror(error))))
        return nil
      }
      // TLS takes a record at a time; a socket that took less than all takes no more now.
      if tls == nil { break }
    }
    if sent > 0 { lastWrite = loop.now }
    return sent
  }

  private func updateInterest(_ wanted: Readiness? = nil) {
    guard phase != .closed else { return }
    var new: Readiness = isReadingPaused ? [] : .readable
    if !unsent.isEmpty { new.insert(.writable) }
    if let wanted { new = wanted }
    guard new != interest else { return }
    interest = new
    loop.rewatch(socket.descriptor, new, token: token)
  }

  private func end(_ reason: ConnectionEnd) {
    guard phase != .closed else { return }
    let wasOpen = phase == .open
    phase = .closed
    if let phaseTimer { loop.cancel(phaseTimer) }
    if wasOpen { tls?.shutDown() }
    loop.unwatch(socket.descriptor, token: token)
    shutdown(socket.descriptor, Int32(SHUT_RDWR))
    unsent = []
    let handler = handler
    self.handler = nil
    handler?.connectionClosed(reason)
  }
}
