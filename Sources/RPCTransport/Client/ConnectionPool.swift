import Platform
import RPC
import Reactor
import Synchronization

/// The connections of a client: made when first needed, made anew when they are lost, and chosen
/// between by how many calls they carry.
final class ConnectionPool: Sendable {
  private struct Slot {
    var connection: ClientConnection?
    var isConnecting = false
    var backoff = Backoff()
    var retryAt: MonotonicTime?
    /// How many calls on it in a row were not answered; after 5 others are preferred.
    var failures = 0
  }

  private struct State {
    var slots: [Slot]
    var addresses: [SocketAddress] = []
    var lastError: RPCError?
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    var waitersAdded = 0
    var version = 0
    var isClosed = false
    var random: any RandomNumberGenerator & Sendable

    mutating func recordChange() -> [CheckedContinuation<Void, Never>] {
      version += 1
      defer { waiting = [:] }
      return Array(waiting.values)
    }
  }

  private let target: Target
  private let options: ClientOptions
  private let group: EventLoopGroup
  private let time: any TimeSource
  private let state: Lock<State>

  init(
    _ target: Target, _ options: ClientOptions, _ group: EventLoopGroup, _ time: any TimeSource,
    _ random: any RandomNumberGenerator & Sendable
  ) {
    self.target = target
    self.options = options
    self.group = group
    self.time = time
    let count =
      if case .fixed(let addresses) = target.kind { addresses.count } else { 1 }
    state = Lock(
      State(
        slots: Array(repeating: Slot(), count: count * max(1, options.connectionsPerAddress)),
        random: random))
  }

  /// A connection for a call.
  ///
  /// - Throws: `unavailable` with the reason if none can be had now and the call does not wait.
  func connection(
    waitsForReady: Bool, deadline: MonotonicTime?
  ) async throws(RPCError) -> ClientConnection {
    while true {
      if Task.isCancelled { throw RPCError(.cancelled, "the call was cancelled") }
      if let deadline, time.now() >= deadline { throw Deadline.error }
      let (connection, version) = try pick(waitsForReady: waitsForReady)
      if let connection { return connection }
      await changed(since: version, deadline: deadline)
    }
  }

  private func pick(
    waitsForReady: Bool
  ) throws(RPCError) -> (ClientConnection?, version: Int) {
    let now = time.now()
    var toConnect: [Int] = []
    defer { for slot in toConnect { connect(slot) } }
    return try state.withLock { (state) throws(RPCError) in
      if state.isClosed { throw RPCError(.cancelled, "the client is closed") }
      for index in state.slots.indices
      where state.slots[index].connection == nil && !state.slots[index].isConnecting {
        if let retryAt = state.slots[index].retryAt, retryAt > now { continue }
        state.slots[index].isConnecting = true
        toConnect.append(index)
      }
      let ready = state.slots.indices.filter { state.slots[$0].connection != nil }
      if let best = choose(from: ready, &state) { return (best, state.version) }
      if !waitsForReady, !state.slots.contains(where: \.isConnecting) {
        throw state.lastError ?? RPCError(.unavailable, "there is no connection to \(target)")
      }
      guard state.waiting.count < options.waitingCallsMax else {
        throw RPCError(
          .resourceExhausted, "\(options.waitingCallsMax) calls wait for a connection already")
      }
      return (nil, state.version)
    }
  }

  /// The better of two that are drawn at random: spreads the load nearly as evenly as looking at
  /// all of them, without everybody running to the same one.
  private func choose(from ready: [Int], _ state: inout State) -> ClientConnection? {
    guard let any = ready.randomElement(using: &state.random) else { return nil }
    // Fewer than half may be left out for their failures.
    let healthy = ready.filter { state.slots[$0].failures < 5 }
    let candidates = healthy.count * 2 > ready.count ? healthy : ready
    let first = candidates.randomElement(using: &state.random) ?? any
    let second = candidates.randomElement(using: &state.random) ?? any
    let one = state.slots[first].connection
    let other = state.slots[second].connection
    guard let one, let other else { return one ?? other }
    return one.callCount.load(ordering: .relaxed) <= other.callCount.load(ordering: .relaxed)
      ? one : other
  }

  /// Remembers how calls on a connection go, to prefer those that answer.
  func callEnded(on connection: ClientConnection, isAnswered: Bool) {
    state.withLock { state in
      for index in state.slots.indices where state.slots[index].connection === connection {
        state.slots[index].failures = isAnswered ? 0 : state.slots[index].failures + 1
      }
    }
  }

  // MARK: Connecting

  private func connect(_ slot: Int) {
    switch target.kind {
    case .fixed(let addresses): connect(slot, to: addresses[slot % addresses.count])
    case .name(let name, let port):
      let loop = group.next()
      loop.execute { [self] in
        Task.immediate(executorPreference: loop) { await connect(slot, to: name, port) }
      }
    }
  }

  private func connect(_ slot: Int, to name: String, _ port: UInt16) async {
    do throws(NameError) {
      let addresses = try await NameResolver.addresses(of: name, port: port)
      guard !addresses.isEmpty else {
        return connected(
          slot, .failure(RPCError(.unavailable, "the host \(name) has no address")))
      }
      // Each new connection takes the next address, so that one which is down is not asked for ever.
      let turn = state.withLock { state in
        state.version += 1
        return state.version
      }
      connect(slot, to: addresses[(slot + turn) % addresses.count])
    } catch {
      connected(slot, .failure(RPCError(.unavailable, error.description)))
    }
  }

  private func connect(_ slot: Int, to address: SocketAddress) {
    let loop = group.next()
    loop.execute { [self] in
      // The callbacks run on the loop, after this closure.
      let box = ConnectionBox()
      let connection = ClientConnection(
        loop, options, authority: target.authority,
        whenOpen: { [self] result in
          connected(slot, result.map { box.connection })
          box.connection = nil
        },
        whenGone: { [self] in lost(slot) })
      box.connection = connection
      connection.connect(to: address, serverName: options.serverName ?? target.serverName)
    }
  }

  /// Keeps a connection until it is known whether it was made; on its loop.
  private final class ConnectionBox { var connection: ClientConnection? }

  private func connected(_ slot: Int, _ result: Result<ClientConnection?, RPCError>) {
    var retryAt: MonotonicTime?
    var unwanted: ClientConnection?
    let woken = state.withLock { state in
      state.slots[slot].isConnecting = false
      switch result {
      case .success(let connection):
        if state.isClosed {
          unwanted = connection
        } else {
          state.slots[slot].connection = connection
          state.slots[slot].backoff.reset()
          state.slots[slot].retryAt = nil
          state.lastError = nil
        }
      case .failure(let error):
        state.lastError = error
        retryAt = time.now() + state.slots[slot].backoff.next(&state.random)
        state.slots[slot].retryAt = retryAt
      }
      return state.recordChange()
    }
    unwanted?.drain()
    for continuation in woken { continuation.resume() }
    // Calls that wait for the service are woken to try again.
    if let retryAt { wakeWaiting(at: retryAt) }
  }

  private func wakeWaiting(at instant: MonotonicTime) {
    let loop = group.next()
    loop.execute { [self] in
      // As much as is left of it by now.
      loop.schedule(after: instant - time.now()) { [weak self] in
        guard let self else { return }
        let woken = state.withLock { $0.recordChange() }
        for continuation in woken { continuation.resume() }
      }
    }
  }

  private func lost(_ slot: Int) {
    let woken = state.withLock { state in
      state.slots[slot].connection = nil
      state.slots[slot].failures = 0
      return state.recordChange()
    }
    for continuation in woken { continuation.resume() }
  }

  /// Takes no further call; those in flight end.
  func close() {
    let (connections, woken) = state.withLock { state in
      state.isClosed = true
      return (state.slots.compactMap(\.connection), state.recordChange())
    }
    for continuation in woken { continuation.resume() }
    for connection in connections { connection.loop.execute { connection.drain() } }
  }

  // MARK: Waiting

  private func changed(since version: Int, deadline: MonotonicTime?) async {
    let id = state.withLock { state in
      state.waitersAdded += 1
      return state.waitersAdded
    }
    if let deadline {
      let loop = group.next()
      loop.execute { [self] in
        loop.schedule(at: deadline) { [weak self] in self?.wake(id) }
      }
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isLate = state.withLock { state in
          if state.version != version || Task.isCancelled { return true }
          state.waiting[id] = continuation
          return false
        }
        if isLate { continuation.resume() }
      }
    } onCancel: {
      wake(id)
    }
  }

  private func wake(_ id: Int) {
    state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
  }
}
