import Glibc
import RPC
import Wire

/// How a call is written into HTTP, as its content type says; Proto/README.md specifies each.
enum CallForm: Sendable {
  /// gRPC over HTTP/2.
  case grpc
  /// One native message each way, without any framing.
  case native
  /// Native messages in envelopes.
  case nativeStream
  /// proto3 JSON.
  case json

  /// What the messages are encoded as.
  var encoding: Encoding {
    switch self {
    case .grpc: .protobuf
    case .native, .nativeStream: .native
    case .json: .json
    }
  }

  /// Whether each message stands behind a flag and its length.
  var usesEnvelopes: Bool { self == .grpc || self == .nativeStream }

  /// The content type that answers bear.
  var contentType: StaticString {
    switch self {
    case .grpc: "application/grpc"
    case .native: "application/x-sarai"
    case .nativeStream: "application/x-sarai-stream"
    case .json: "application/json"
    }
  }

  /// The form that a content type names, parameters aside; nil for any other.
  init?(contentType: Span<UInt8>) {
    if let form = CallForm(mediaType: contentType) {
      self = form
      return
    }
    var count = contentType.count
    for index in contentType.indices where contentType[index] == UInt8(ascii: ";") {
      count = index
      break
    }
    while count > 0, contentType[count - 1] == UInt8(ascii: " ") { count -= 1 }
    self.init(mediaType: contentType.extracting(..<count))
  }

  private init?(mediaType: Span<UInt8>) {
    if mediaType.equals("application/grpc") || mediaType.equals("application/grpc+proto") {
      self = .grpc
    } else if mediaType.equals("application/x-sarai") {
      self = .native
    } else if mediaType.equals("application/x-sarai-stream") {
      self = .nativeStream
    } else if mediaType.equals("application/json") {
      self = .json
    } else {
      return nil
    }
  }
}

extension Span<UInt8> {
  /// Whether these are the bytes of `text`.
  func equals(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { unsafe equals($0.span) }
  }

  /// Whether these are the same bytes.
  func equals(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return unsafe withUnsafeBufferPointer { bytes in
      unsafe other.withUnsafeBufferPointer { other in
        guard let start = bytes.baseAddress, let otherStart = other.baseAddress else { return true }
        return unsafe memcmp(start, otherStart, bytes.count) == 0
      }
    }
  }
}
