/// Why a session ended or refused to do what it was asked.
public enum HTTP2Error: Error, Equatable, Sendable {
  /// The peer did more than it may: the connection ends with ENHANCE_YOUR_CALM.
  case limitReached(HTTP2Limit)
  /// The peer broke a rule of RFC 9113; `code` is the error code of the GOAWAY that says so.
  case protocolViolation(code: UInt32, reason: String)
  /// A request was to be sent on a session that has ended or is going away: use another one.
  case sessionEnding
  /// A client session has used up its stream identifiers: use a new connection.
  case streamsExhausted
  /// nghttp2 failed with this code of its own (`nghttp2_error`), as when memory runs out.
  case libraryFailure(code: Int32)
}

extension HTTP2Error: CustomStringConvertible {
  /// One line for the log.
  public var description: String {
    switch self {
    case .limitReached(let limit): "the peer was cut off: \(limit.debugText)"
    case .protocolViolation(let code, let reason):
      "the peer broke HTTP/2 (error code \(code)): \(reason)"
    case .sessionEnding: "the connection is ending; send the request on another one"
    case .streamsExhausted: "the connection has no stream left; open a new one"
    case .libraryFailure(let code): "nghttp2 failed with code \(code)"
    }
  }
}

/// The error codes of RFC 9113 section 7 that this package speaks of.
public enum HTTP2ErrorCode {
  /// The end of something without a fault.
  public static var noError: UInt32 { 0x0 }
  /// The peer broke the protocol.
  public static var protocolError: UInt32 { 0x1 }
  /// The sender itself failed.
  public static var internalError: UInt32 { 0x2 }
  /// The peer sent more than a window allows, or opened a window too far.
  public static var flowControlError: UInt32 { 0x3 }
  /// A frame came for a stream that its sender had ended.
  public static var streamClosed: UInt32 { 0x5 }
  /// The stream was refused before anything was done for it: the request can be sent again.
  public static var refusedStream: UInt32 { 0x7 }
  /// The stream is no longer wanted.
  public static var cancel: UInt32 { 0x8 }
  /// The peer makes too much work.
  public static var enhanceYourCalm: UInt32 { 0xb }
}
