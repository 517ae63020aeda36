import HTTP2
import RPC
import Wire

/// What the header of a request says of its call.
struct RequestHead {
  var method: [UInt8]?
  var path: String?
  var route: Route?
  var form: CallForm?
  var timeout: Duration?
  var metadata = Metadata()
  /// Whether compressed messages are announced.
  var isCompressed = false
  var acceptsGzip = false
  var acceptsEventStream = false
  /// Why the call fails before its handler is asked.
  var refusal: RPCError?

  /// How many values of metadata a call may have: more than the 496 header fields that fit into
  /// 16 KiB, but a bound for what is joined in one field.
  private static let metadataMax = 512

  /// Takes a field whose name is known.
  mutating func take(_ name: HeaderName, _ value: Span<UInt8>) {
    switch name {
    case .contentType: form = CallForm(contentType: value)
    case .method: method = value.equals("POST") ? nil : Array(copying: value)
    case .grpcTimeout: takeTimeout(Timeout.grpc(value), "grpc-timeout")
    case .saraiTimeout: takeTimeout(Timeout.sarai(value), "sarai-timeout")
    case .grpcEncoding, .contentEncoding: takeCoding(value)
    case .grpcAcceptEncoding, .acceptEncoding: acceptsGzip = lists(value, "gzip")
    case .other, .traceparent, .authorization, .path, .te, .scheme, .status, .authority, .userAgent,
      .grpcStatus, .grpcMessage,
      .saraiStatus, .contentLength, .grpcStatusDetails:
      break
    }
  }

  private mutating func takeTimeout(_ value: Duration?, _ name: String) {
    timeout = value
    if value == nil { refuse(.invalidArgument, "`\(name)` is not a time of its form") }
  }

  private mutating func takeCoding(_ value: Span<UInt8>) {
    if value.equals("gzip") {
      isCompressed = true
    } else if !value.equals("identity") {
      refuse(
        .unimplemented,
        "the coding `\(String(copying: value))` is not understood: use gzip or identity")
    }
  }

  /// Takes a field that is metadata, or nobody's.
  mutating func takeOther(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    let name = String(copying: name)
    if name == "accept" {
      acceptsEventStream = lists(value, "text/event-stream")
      return
    }
    if Metadata.isReserved(name) { return }
    let value = String(copying: value)
    guard name.hasSuffix("-bin") else { return add(name, value) }
    for part in Base64Text.values(in: value) {
      if Base64Text.decode(part) == nil {
        return refuse(.invalidArgument, "the value of `\(name)` is not Base64")
      }
      add(name, part)
    }
  }

  private mutating func add(_ name: String, _ value: String) {
    guard metadata.entries.count < Self.metadataMax else {
      return refuse(.resourceExhausted, "more than \(Self.metadataMax) values of metadata")
    }
    metadata.add(name, value)
  }

  private mutating func refuse(_ code: RPCCode, _ message: String) {
    if refusal == nil { refusal = RPCError(code, message) }
  }

  /// Whether a list of codings or media types has an item that was not given the weight 0.
  private func lists(_ value: Span<UInt8>, _ wanted: String) -> Bool {
    String(copying: value).split(separator: ",").contains { item in
      let parts = item.split(separator: ";").map {
        $0.drop { $0 == " " }.lowercased().split(separator: " ").first.map(String.init) ?? ""
      }
      return parts.first == wanted
        && !parts.dropFirst().contains { $0 == "q=0" || $0 == "q=0.0" || $0 == "q=0.00" }
    }
  }
}

extension String {
  /// The text of a header field.
  init(copying bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}
