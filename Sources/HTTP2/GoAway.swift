import CNghttp2

/// The frame that tells the peer why a connection ends.
enum GoAway {
  /// Queues it, unless one that ends the connection is there already.
  static func submit(for reason: HTTP2Error, on session: OpaquePointer) {
    switch reason {
    case .limitReached(let limit):
      unsafe submit(HTTP2ErrorCode.enhanceYourCalm, limit.debugText, on: session)
    case .protocolViolation(let code, _): unsafe submit(code, "", on: session)
    default: unsafe submit(HTTP2ErrorCode.internalError, "", on: session)
    }
  }

  private static func submit(
    _ errorCode: UInt32, _ text: StaticString, on session: OpaquePointer
  ) {
    _ = unsafe nghttp2_submit_goaway(
      session, FrameFlag.none, nghttp2_session_get_last_proc_stream_id(session), errorCode,
      text.utf8Start, text.utf8CodeUnitCount)
  }
}
