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

  /// Finds a name by its length and then its bytes.
  init(_ name: UnsafePointer<UInt8>, count: Int) {
    let candidates: (HeaderName, HeaderName, HeaderName, HeaderName)
    switch count {
    case 2: candidates = (.te, .other, .other, .other)
    case 5: candidates = (.path, .other, .other, .other)
    case 7: candidates = (.method, .scheme, .status, .other)
    case 10: candidates = (.authority, .userAgent, .other, .other)
    case 11: candidates = (.grpcStatus, .traceparent, .other, .other)
    case 12: candidates = (.contentType, .grpcTimeout, .grpcMessage, .saraiStatus)
    case 13: candidates = (.authorization, .grpcEncoding, .saraiTimeout, .other)
    case 14: candidates = (.contentLength, .other, .other, .other)
    case 15: candidates = (.acceptEncoding, .other, .other, .other)
    case 16: candidates = (.contentEncoding, .other, .other, .other)
    case 20: candidates = (.grpcAcceptEncoding, .other, .other, .other)
    case 23: candidates = (.grpcStatusDetails, .other, .other, .other)
    default:
      self = .other
      return
    }
    if unsafe candidates.0.equals(name, count) {
      self = candidates.0
    } else if unsafe candidates.1.equals(name, count) {
      self = candidates.1
    } else if unsafe candidates.2.equals(name, count) {
      self = candidates.2
    } else if unsafe candidates.3.equals(name, count) {
      self = candidates.3
    } else {
      self = .other
    }
  }

  private func equals(_ name: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let text = text
    return unsafe text.utf8CodeUnitCount == count && memcmp(text.utf8Start, name, count) == 0
  }
}
