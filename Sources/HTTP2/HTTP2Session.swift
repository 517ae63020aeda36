import CNghttp2

/// One end of an HTTP/2 connection (RFC 9113): bytes in, events out; no sockets, no clock.
///
/// Belongs to one loop. The rhythm is: `receive`, take the events, `clearEvents`, `produce`, take
/// the events again. Methods that send only queue; bytes leave by `produce`. The connection is over
/// when the session neither wants to read nor to write.
@safe public final class HTTP2Session {
  /// Which end of the connection a session is.
  public enum Role: Sendable {
    /// Answers requests.
    case server
    /// Sends requests.
    case client
  }

  let handle: OpaquePointer
  let state: UnsafeMutablePointer<SessionState>
  private let memory: SessionMemory

  /// A session that has its SETTINGS to send; `now` in nanoseconds of a clock that never goes back.
  ///
  /// - Parameter memory: may be shared by sessions of the same loop.
  /// - Throws: `libraryFailure` if memory runs out.
  public init(
    role: Role, limits: HTTP2Limits = HTTP2Limits(), now: Int64,
    memory: SessionMemory = SessionMemory()
  ) throws(HTTP2Error) {
    self.memory = memory
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: SessionState(isServer: role == .server, limits: limits, now: now))
    guard
      let handle = unsafe SessionCallbacks.makeSession(
        isServer: role == .server, limits: limits, state: state, memory)
    else {
      unsafe state.deinitialize(count: 1)
      unsafe state.deallocate()
      throw .libraryFailure(code: NGHTTP2_ERR_NOMEM.rawValue)
    }
    unsafe self.handle = unsafe handle
    submitSettings(limits, isServer: role == .server)
  }

  deinit {
    unsafe nghttp2_session_del(handle)
    unsafe state.deinitialize(count: 1)
    unsafe state.deallocate()
  }

  private func submitSettings(_ limits: HTTP2Limits, isServer: Bool) {
    let settings: InlineArray<3, nghttp2_settings_entry> = [
      entry(
        isServer ? NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS : NGHTTP2_SETTINGS_ENABLE_PUSH,
        isServer ? limits.concurrentStreamsMax : 0),
      entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
      entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headerListBytesMax),
    ]
    unsafe settings.span.withUnsafeBufferPointer { settings in
      _ = unsafe nghttp2_submit_settings(
        handle, FrameFlag.none, settings.baseAddress, settings.count)
    }
    unsafe nghttp2_session_set_local_window_size(
      handle, FrameFlag.none, 0, Int32(limits.connectionWindowBytes))
  }

  private func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
    nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(value))
  }

  // MARK: Bytes in, events out

  /// Reads bytes from the peer and adds to `events`; their data ranges lie in `bytes`.
  ///
  /// Call it again only after the events are taken and cleared.
  /// - Throws: `endReason` once the peer may send no more: produce what is queued (a GOAWAY that
  ///   says why), write it, close the connection.
  public func receive(_ bytes: Span<UInt8>, now: Int64) throws(HTTP2Error) {
    if let reason = unsafe state.pointee.endReason { throw reason }
    let result = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe state.pointee.beginInput(bytes, now: now)
      return unsafe nghttp2_session_mem_recv(handle, bytes.baseAddress, bytes.count)
    }
    if result < 0 { throw fail(with: Int32(result)) }
    // What bounds memory is each stream's window. Were content that nobody reads to fill that of the
    // connection, it would block the streams that somebody reads.
    let contentByteCount = unsafe state.pointee.contentByteCount
    if contentByteCount > 0 {
      unsafe nghttp2_session_consume_connection(handle, contentByteCount)
    }
  }

  /// What has happened since `clearEvents`, in order.
  public var events: [HTTP2Event] { unsafe state.pointee.events }

  /// Forgets the events and the header fields they point to.
  public func clearEvents() {
    unsafe state.pointee.events.removeAll(keepingCapacity: true)
    // Of a block that is still arriving the fields are needed later; nothing but the rest of it
    // can come before they go.
    if unsafe state.pointee.openBlock == nil { unsafe state.pointee.arena.removeAll() }
  }

  /// Appends what is to be sent, until `byteCountMax` bytes are there (one frame more at most) or
  /// nothing is left.
  public func produce(into output: inout [UInt8], upTo byteCountMax: Int) {
    var produced = 0
    while produced < byteCountMax {
      var bytes: UnsafePointer<UInt8>?
      let count = unsafe nghttp2_session_mem_send(handle, &bytes)
      guard count > 0 else {
        if count < 0 { _ = fail(with: Int32(count)) }
        return
      }
      unsafe output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
      produced += count
    }
  }

  // MARK: Where the session stands

  /// Why the session has ended, if it has; for the log.
  public var endReason: HTTP2Error? { unsafe state.pointee.endReason }

  /// Whether `produce` has something to append.
  public var wantsWrite: Bool { unsafe nghttp2_session_want_write(handle) != 0 }

  /// Whether bytes from the peer still matter.
  public var wantsRead: Bool {
    unsafe state.pointee.endReason == nil && nghttp2_session_want_read(handle) != 0
  }

  /// Streams that are open, and those that are closed but whose handler runs.
  public var openStreamCount: Int { unsafe state.pointee.streams.count }

  /// Whether a block of header fields has begun and not ended.
  public var hasOpenHeaderBlock: Bool { unsafe state.pointee.openBlock != nil }

  /// Bytes that all streams have queued and `produce` has not taken.
  public var queuedByteCount: Int { unsafe state.pointee.queuedByteCount }

  /// The streams of whose content nothing has left for longer than a limit, because the peer has
  /// shut a window. It sees the times at which it is called.
  public func streamsHeldBack(longerThan nanoseconds: Int64, now: Int64) -> [Int32] {
    var found: [Int32] = []
    let isSessionShut = unsafe nghttp2_session_get_remote_window_size(handle) <= 0
    unsafe state.pointee.streams.forEach { stream in
      let id = unsafe stream.pointee.id
      let hasMoved = unsafe stream.pointee.flags.remove(.hasMoved) != nil
      let isHeldBack =
        unsafe stream.pointee.queuedByteCount > 0
        && (isSessionShut || nghttp2_session_get_stream_remote_window_size(handle, id) <= 0)
      guard isHeldBack else { return unsafe stream.pointee.heldBackSince = nil }
      let since = hasMoved ? now : unsafe stream.pointee.heldBackSince ?? now
      unsafe stream.pointee.heldBackSince = since
      if now - since > nanoseconds { found.append(id) }
    }
    return found
  }

  /// Resets the streams that had been answered already when this was last called and whose requests
  /// still have not ended: nobody waits for the rest.
  public func endAnsweredStreams() {
    unsafe state.pointee.streams.forEach { stream in
      let flags = unsafe stream.pointee.flags
      guard flags.contains(.answeredEarly), flags.isDisjoint(with: [.inputEnded, .closed]) else {
        return
      }
      if flags.contains(.answeredLongAgo) {
        unsafe state.pointee.endAnswered(stream, handle)
      } else {
        unsafe stream.pointee.flags.insert(.answeredLongAgo)
      }
    }
  }

  /// The streams that the peer lets us have open at a time.
  public var peerConcurrentStreamsMax: Int {
    unsafe Int(
      nghttp2_session_get_remote_settings(handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
  }

  /// Gives back memory that is kept for the streams to come; for a connection that has been quiet.
  public func releaseMemory() {
    unsafe state.pointee.streams.releaseMemory()
    unsafe state.pointee.arena.releaseMemory()
    unsafe state.pointee.events = []
  }

  // MARK: The end

  /// Queues the GOAWAY for what nghttp2 gave up on.
  private func fail(with code: Int32) -> HTTP2Error {
    let reason = unsafe state.pointee.endReason ?? reason(for: code)
    unsafe state.pointee.endReason = reason
    unsafe GoAway.submit(for: reason, on: handle)
    return reason
  }

  private func reason(for code: Int32) -> HTTP2Error {
    switch code {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue:
      .protocolViolation(code: HTTP2ErrorCode.protocolError, reason: "not an HTTP/2 preface")
    case NGHTTP2_ERR_FLOODED.rawValue: .limitReached(.outboundAcknowledgements)
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue: .limitReached(.continuations)
    default: .libraryFailure(code: code)
    }
  }
}
