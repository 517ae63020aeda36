/// What a session has learnt from bytes received or sent.
///
/// Ranges point into memory that is valid until `clearEvents()`.
public enum HTTP2Event: Equatable, Sendable, BitwiseCopyable {
  /// A block of header fields: a request, a response (interim or final) or trailers.
  case headersReceived(stream: Int32, HeaderBlock, endStream: Bool)
  /// Content: `count` bytes from `offset` in what was given to `receive`.
  ///
  /// An end without content has `count` 0.
  case dataReceived(stream: Int32, offset: Int, count: Int, endStream: Bool)
  /// Both directions are done, or one side has reset the stream.
  ///
  /// REFUSED_STREAM means that the peer has done nothing for it.
  case streamClosed(stream: Int32, errorCode: UInt32)
  /// The queue of a stream that was full has room again.
  case streamWritable(stream: Int32)
  /// The peer takes no new stream beyond `lastStream`.
  case goAwayReceived(lastStream: Int32, errorCode: UInt32)
  /// The peer's settings have changed.
  case settingsReceived
  /// The peer has answered `ping` with the same value.
  case pingAcknowledged(UInt64)
}

/// A block of header fields in the session's memory.
public struct HeaderBlock: Equatable, Sendable, BitwiseCopyable {
  /// What the fields are.
  public enum Kind: UInt8, Sendable, BitwiseCopyable {
    /// The head of a request.
    case request
    /// A response with a status of 1xx, another one follows.
    case interimResponse
    /// The head of a response.
    case response
    /// What follows the content.
    case trailers
  }

  /// What the fields are.
  public let kind: Kind
  /// The fields were more than the limit allows: those beyond it are missing.
  public let isTooLarge: Bool
  let start: Int32
  let end: Int32

  init(kind: Kind, isTooLarge: Bool, start: Int, end: Int) {
    self.kind = kind
    self.isTooLarge = isTooLarge
    self.start = Int32(truncatingIfNeeded: start)
    self.end = Int32(truncatingIfNeeded: end)
  }

  /// The places of the fields, for the session's accessors.
  public var fields: Range<Int> { Int(start)..<Int(end) }
}
