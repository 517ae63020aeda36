import CNghttp2

/// The C functions through which nghttp2 reports to a `SessionState`.
enum SessionCallbacks {
  /// Makes a session of nghttp2 with its options; nil if memory runs out.
  static func makeSession(
    isServer: Bool, limits: HTTP2Limits, state: UnsafeMutablePointer<SessionState>,
    _ memory: SessionMemory
  ) -> OpaquePointer? {
    var callbacks: OpaquePointer?
    var option: OpaquePointer?
    guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks = unsafe callbacks
    else { return nil }
    defer { unsafe nghttp2_session_callbacks_del(callbacks) }
    guard unsafe nghttp2_option_new(&option) == 0, let option = unsafe option else { return nil }
    defer { unsafe nghttp2_option_del(option) }
    unsafe install(in: callbacks)
    unsafe set(option, limits)
    var session: OpaquePointer?
    var allocator = unsafe memory.callbacks
    let result =
      isServer
      ? unsafe nghttp2_session_server_new3(&session, callbacks, state, option, &allocator)
      : unsafe nghttp2_session_client_new3(&session, callbacks, state, option, &allocator)
    return unsafe result == 0 ? session : nil
  }

  private static func set(_ option: OpaquePointer, _ limits: HTTP2Limits) {
    // Windows open when the application has read, not when nghttp2 has.
    unsafe nghttp2_option_set_no_auto_window_update(option, 1)
    // The library counts the pieces in which the 9 bytes of a frame's header arrive: the meter
    // counts frames, and this stays out of its way.
    unsafe nghttp2_option_set_max_continuations(option, limits.continuationsMax * 9 + 9)
    unsafe nghttp2_option_set_max_outbound_ack(option, limits.outboundAcknowledgementsMax)
    unsafe nghttp2_option_set_max_settings(option, limits.settingsEntriesMax)
    // The meter counts resets, with exceptions that this library's own bound does not know.
    unsafe nghttp2_option_set_stream_reset_rate_limit(option, 1 << 40, 1 << 40)
  }

  private static func install(in callbacks: OpaquePointer) {
    unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, data in
      guard let header = unsafe header else { return 0 }
      return unsafe sessionState(data).pointee.frameBegan(header)
    }
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) {
      session, frame, data in
      guard let session = unsafe session, let frame = unsafe frame else { return 0 }
      return unsafe sessionState(data).pointee.headersBegan(session, frame)
    }
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, _, name, nameCount, value, valueCount, _, data in
      guard let name = unsafe name, let value = unsafe value else { return 0 }
      return unsafe sessionState(data).pointee.headerReceived(name, nameCount, value, valueCount)
    }
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      _, _, stream, bytes, count, data in
      guard let bytes = unsafe bytes else { return 0 }
      return unsafe sessionState(data).pointee.dataReceived(stream, bytes, count)
    }
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { session, frame, data in
      guard let session = unsafe session, let frame = unsafe frame else { return 0 }
      return unsafe sessionState(data).pointee.frameReceived(session, frame)
    }
    unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) {
      _, _, _, data in
      unsafe sessionState(data).pointee.invalidFrameReceived()
    }
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { session, frame, data in
      guard let session = unsafe session, let frame = unsafe frame else { return 0 }
      unsafe sessionState(data).pointee.frameSent(session, frame)
      return 0
    }
    unsafe nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) {
      session, frame, error, data in
      guard let session = unsafe session, let frame = unsafe frame else { return 0 }
      return unsafe sessionState(data).pointee.frameNotSent(session, frame, error)
    }
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
      _, stream, errorCode, data in
      unsafe sessionState(data).pointee.streamClosed(stream, errorCode)
    }
  }

  /// What nghttp2 calls to fill DATA frames.
  static var dataProvider: nghttp2_data_provider {
    unsafe nghttp2_data_provider(
      source: nghttp2_data_source(),
      read_callback: { session, stream, buffer, capacity, flags, _, data in
        guard let session = unsafe session, let buffer = unsafe buffer, let flags = unsafe flags
        else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
        return unsafe sessionState(data).pointee.read(
          session, stream, into: buffer, capacity, flags)
      })
  }
}

/// The state of the session that a callback is for. A function of the file, since what C calls
/// cannot refer to a type's own functions.
@inline(__always)
private func sessionState(
  _ data: UnsafeMutableRawPointer?
) -> UnsafeMutablePointer<SessionState> {
  // Every session is made with the address of its state.
  unsafe data.unsafelyUnwrapped.assumingMemoryBound(to: SessionState.self)
}
