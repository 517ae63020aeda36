/// What the peer has sent.
///
/// For each request `requestReceived`, any number of `bodyReceived`, `requestEnded`. `failed` may
/// come at any place, once, and is the last.
public enum HTTP1Event: Sendable, Hashable {
  /// The whole head of a request.
  case requestReceived(HTTP1Request)
  /// The next bytes of the body, never empty.
  case bodyReceived([UInt8])
  /// The request is complete; trailers were checked and dropped.
  case requestEnded
  /// The bytes are no acceptable request: answer by `refuse`. Nothing more is read.
  case failed(HTTP1Error)
}
