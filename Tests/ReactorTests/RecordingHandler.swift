import Platform
import Reactor

/// Tells what happens on a connection, sends what it is given and, if asked, what it receives.
final class RecordingHandler: ConnectionHandler, Sendable {
  enum Event: Equatable, Sendable {
    case opened(String?)
    case received([UInt8])
    case closed(ConnectionEnd)
  }

  private struct State {
    var connection: Connection?
    var output: [UInt8] = []
    /// Where what was not asked for begins.
    var outputStart = 0
    var producedBytes = 0
  }

  private let events: AsyncStream<Event>
  private let sink: AsyncStream<Event>.Continuation
  private let state = Lock(State())
  private let echoes: Bool
  private let whenOpen: @Sendable (Connection) -> Void

  init(
    echoes: Bool = false, output: [UInt8] = [],
    whenOpen: @escaping @Sendable (Connection) -> Void = { _ in }
  ) {
    (events, sink) = AsyncStream.makeStream()
    self.echoes = echoes
    self.whenOpen = whenOpen
    state.withLock { $0.output = output }
  }

  var connection: Connection? { state.withLock { $0.connection } }
  /// How many bytes the connection has asked for and got.
  var producedBytes: Int { state.withLock { $0.producedBytes } }

  func connectionOpened(_ connection: Connection, protocolName: String?) {
    state.withLock { $0.connection = connection }
    whenOpen(connection)
    sink.yield(.opened(protocolName))
    connection.flushSoon()
  }

  func connectionReceived(_ bytes: Span<UInt8>) {
    let copy = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    if echoes { send(copy) }
    sink.yield(.received(copy))
  }

  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {
    state.withLock { state in
      let end = min(state.outputStart + byteCountMax, state.output.count)
      let count = end - state.outputStart
      output += state.output[state.outputStart..<end]
      state.outputStart = end
      state.producedBytes += count
    }
  }

  func connectionClosed(_ reason: ConnectionEnd) {
    // The socket is closed with its connection.
    state.withLock { $0.connection = nil }
    sink.yield(.closed(reason))
  }

  // MARK: For tests

  func send(_ bytes: [UInt8]) {
    let connection = state.withLock { state in
      state.output += bytes
      return state.connection
    }
    if let connection { connection.loop.execute { connection.flushSoon() } }
  }

  func pauseReading(_ pauses: Bool) async {
    guard let connection else { return }
    await connection.loop.run { connection.pauseReading(pauses) }
  }

  func close() {
    if let connection { connection.loop.execute { connection.close() } }
  }

  func next() async -> Event? { await events.first { _ in true } }

  /// The next bytes, that many at least.
  func bytes(_ count: Int) async -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, case .received(let more) = await next() { bytes += more }
    return bytes
  }

  /// All bytes until the connection is closed, and how it was.
  func rest() async -> (bytes: [UInt8], end: ConnectionEnd?) {
    var bytes: [UInt8] = []
    while let event = await next() {
      switch event {
      case .opened: continue
      case .received(let more): bytes += more
      case .closed(let reason): return (bytes, reason)
      }
    }
    return (bytes, nil)
  }
}
