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

  /// Finds a name: its length and one letter leave one that it may be.
  init(_ name: UnsafePointer<UInt8>, count: Int) {
    let candidate: HeaderName
    switch count {
    case 2: candidate = .te
    case 5: candidate = .path
    case 7:
      switch unsafe name[2] {
      case UInt8(ascii: "e"): candidate = .method
      case UInt8(ascii: "c"): candidate = .scheme
      default: candidate = .status
      }
    case 10: candidate = unsafe name[0] == UInt8(ascii: ":") ? .authority : .userAgent
    case 11: candidate = unsafe name[0] == UInt8(ascii: "g") ? .grpcStatus : .traceparent
    case 12:
      switch unsafe name[5] {
      case UInt8(ascii: "n"): candidate = .contentType
      case UInt8(ascii: "t"): candidate = .grpcTimeout
      case UInt8(ascii: "m"): candidate = .grpcMessage
      default: candidate = .saraiStatus
      }
    case 13:
      switch unsafe name[0] {
      case UInt8(ascii: "a"): candidate = .authorization
      case UInt8(ascii: "g"): candidate = .grpcEncoding
      default: candidate = .saraiTimeout
      }
    case 14: candidate = .contentLength
    case 15: candidate = .acceptEncoding
    case 16: candidate = .contentEncoding
    case 20: candidate = .grpcAcceptEncoding
    case 23: candidate = .grpcStatusDetails
    default: candidate = .other
    }
    self = unsafe candidate.equals(name, count) ? candidate : .other
  }

  private func equals(_ name: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let text = text
    return unsafe text.utf8CodeUnitCount == count && memcmp(text.utf8Start, name, count) == 0
  }
}
