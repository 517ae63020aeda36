import Glibc

/// The names of header fields that are told apart once, when they arrive.
public enum HeaderName: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// Any name that is not in this list.
  case other
  /// `te`
  case te
  /// `:path`
  case path
  /// `:method`
  case method
  /// `:scheme`
  case scheme
  /// `:status`
  case status
  /// `:authority`
  case authority
  /// `user-agent`
  case userAgent
  /// `grpc-status`
  case grpcStatus
  /// `traceparent`
  case traceparent
  /// `content-type`
  case contentType
  /// `grpc-timeout`
  case grpcTimeout
  /// `grpc-message`
  case grpcMessage
  /// `sarai-status`
  case saraiStatus
  /// `authorization`
  case authorization
  /// `grpc-encoding`
  case grpcEncoding
  /// `sarai-timeout`
  case saraiTimeout
  /// `content-length`
  case contentLength
  /// `accept-encoding`
  case acceptEncoding
  /// `content-encoding`
  case contentEncoding
  /// `grpc-accept-encoding`
  case grpcAcceptEncoding
  /// `grpc-status-details-bin`
  case grpcStatusDetails

  /// The name as it stands on the wire; empty for `other`.
  @inline(__always)
  public var text: StaticString {
    switch self {
    case .other: ""
    case .te: "te"
    case .path: ":path"
    case .method: ":method"
    case .scheme: ":scheme"
    case .status: ":status"
    case .authority: ":authority"
    case .userAgent: "user-agent"
    case .grpcStatus: "grpc-status"
    case .traceparent: "traceparent"
    case .contentType: "content-type"
    case .grpcTimeout: "grpc-timeout"
    case .grpcMessage: "grpc-message"
    case .saraiStatus: "sarai-status"
    case .authorization: "authorization"
    case .grpcEncoding: "grpc-encoding"
    case .saraiTimeout: "sarai-timeout"
    case .contentLength: "content-length"
    case .acceptEncoding: "accept-encoding"
    case .contentEncoding: "content-encoding"
    case .grpcAcceptEncoding: "grpc-accept-encoding"
    case .grpcStatusDetails: "grpc-status-details-bin"
    }
  }

  /// Finds a name by its length and then its bytes.
  init(_ name: UnsafePointer<UInt8>, count: Int) {
    // All of this is inlined, so that the compiler knows each text and compares whole words.
    @inline(__always) func isText(of candidate: HeaderName) -> Bool {
      unsafe memcmp(name, candidate.text.utf8Start, candidate.text.utf8CodeUnitCount) == 0
    }
    @inline(__always) func first(
      of one: HeaderName, _ two: HeaderName = .other, _ three: HeaderName = .other,
      _ four: HeaderName = .other
    ) -> HeaderName {
      if isText(of: one) { return one }
      if isText(of: two) { return two }
      if isText(of: three) { return three }
      return isText(of: four) ? four : .other
    }
    self =
      switch count {
      case 2: first(of: .te)
      case 5: first(of: .path)
      case 7: first(of: .method, .scheme, .status)
      case 10: first(of: .authority, .userAgent)
      case 11: first(of: .grpcStatus, .traceparent)
      case 12: first(of: .contentType, .grpcTimeout, .grpcMessage, .saraiStatus)
      case 13: first(of: .authorization, .grpcEncoding, .saraiTimeout)
      case 14: first(of: .contentLength)
      case 15: first(of: .acceptEncoding)
      case 16: first(of: .contentEncoding)
      case 20: first(of: .grpcAcceptEncoding)
      case 23: first(of: .grpcStatusDetails)
      default: .other
      }
  }
}
