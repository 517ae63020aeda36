import HTTP2
import RPC
import RPCContracts
import Wire

/// Reads the answer to one call: header in, bytes in, messages and the outcome out.
struct ReplyReader {
  private let form: CallForm
  private let messageBytesMax: Int
  private var envelopes: EnvelopeReader
  private var isCompressed = false
  /// A JSON stream: each message on a line.
  private var lines: JSONLines?
  private var httpStatus = 0
  private var hasContentType = false
  private var code: RPCCode?
  private var grpcMessage = ""
  private var grpcDetails: String?
  private(set) var metadata = ReplyMetadata()
  /// What is wrong with the metadata.
  private var fault: RPCError?
  private var isHeadRead = false

  init(_ form: CallForm, messageBytesMax: Int) {
    self.form = form
    self.messageBytesMax = messageBytesMax
    envelopes = EnvelopeReader(messageBytesMax: messageBytesMax)
  }

  // MARK: Headers

  mutating func take(_ name: HeaderName, _ value: Span<UInt8>) {
    switch name {
    case .status: httpStatus = Int(String(copying: value)) ?? 0
    case .contentType:
      if form == .json, value.equals("application/x-ndjson") {
        lines = JSONLines(messageBytesMax: messageBytesMax)
      }
      hasContentType = lines != nil || CallForm(contentType: value) == form
    case .grpcStatus where form == .grpc, .saraiStatus where form == .native || form == .json:
      code = RPCCode(header: value)
    case .grpcMessage: grpcMessage = GRPCMessage.decode(value)
    case .grpcStatusDetails: grpcDetails = String(copying: value)
    case .grpcEncoding where form == .grpc, .contentEncoding where form != .grpc:
      isCompressed = value.equals("gzip")
    default: break
    }
  }

  mutating func takeOther(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    var name = String(copying: name)
    let value = String(copying: value)
    var isTrailing = isHeadRead
    if form == .native || form == .json, name.hasPrefix("trailer-") {
      name.removeFirst(8)
      isTrailing = true
    }
    if Metadata.isReserved(name) { return }
    for value in name.hasSuffix("-bin") ? Base64Text.values(in: value) : [value] {
      add(name, value, isTrailing: isTrailing)
    }
  }

  private mutating func add(_ name: String, _ value: String, isTrailing: Bool) {
    if name.hasSuffix("-bin"), Base64Text.decode(value) == nil {
      fault = RPCError(.internal, "the value of `\(name)` in the answer's metadata is not Base64")
    }
    if isTrailing { metadata.trailing.add(name, value) } else { metadata.initial.add(name, value) }
  }

  /// The header is whole, or the trailers: gives why the call has failed already, if it has.
  mutating func headEnded(endStream: Bool) -> RPCError? {
    if isHeadRead { return fault }
    isHeadRead = true
    // A gRPC answer of trailers only: its metadata are trailing ones.
    if endStream, form == .grpc, code != nil {
      metadata = ReplyMetadata(trailing: metadata.initial)
      return fault
    }
    // A failed JSON call has a status of its own, beside the code.
    guard httpStatus == 200 || (form == .json && code != nil) else {
      return RPCError(
        RPCCode(httpStatus: httpStatus), "the answer has HTTP status \(httpStatus), no call's")
    }
    guard hasContentType else {
      return RPCError(.unknown, "the answer has a content type that is not asked for")
    }
    return fault
  }

  // MARK: Content

  /// Takes bytes of the body and appends the messages that are whole now.
  ///
  /// - Returns: the outcome, if the bytes say it (native streams): nil inside for success.
  /// - Throws: what is wrong behind the messages, wherever the bytes were cut.
  mutating func receive(
    _ bytes: Span<UInt8>, ended: Bool, _ messages: inout [[UInt8]]
  ) throws(RPCError) -> RPCError?? {
    if lines != nil { return try receiveLines(bytes, &messages) }
    var pieces: [EnvelopeReader.Piece] = []
    let fault = cut(bytes, ended: ended, &pieces)
    for piece in pieces {
      if form == .native || form == .json {
        let content = isCompressed ? try inflate(piece.bytes) : piece.bytes
        if let code, code != .ok { return .some(nativeFailure(code, content)) }
        messages.append(content)
        return .some(nil)
      }
      let flags = piece.flag & ~Envelope.compressedFlag
      let content = piece.flag & 1 == 1 ? try inflate(piece.bytes) : piece.bytes
      if form == .nativeStream, flags == Envelope.endFlag { return .some(try callEnd(content)) }
      guard flags == 0 else { throw RPCError(.internal, "an envelope with unknown flags") }
      messages.append(content)
    }
    if let fault { throw fault }
    return nil
  }

  private mutating func cut(
    _ bytes: Span<UInt8>, ended: Bool, _ pieces: inout [EnvelopeReader.Piece]
  ) -> RPCError? {
    do throws(RPCError) {
      if form.usesEnvelopes {
        try envelopes.receive(bytes, &pieces)
        if ended, !envelopes.isBetween {
          throw RPCError(.internal, "the answer ends inside a message")
        }
      } else {
        try envelopes.receiveUnframed(bytes, ended: ended, &pieces)
      }
      return nil
    } catch {
      return error
    }
  }

  private mutating func receiveLines(
    _ bytes: Span<UInt8>, _ messages: inout [[UInt8]]
  ) throws(RPCError) -> RPCError?? {
    guard let end = try lines?.receive(bytes, &messages) else { return nil }
    return .some(try callEnd(end))
  }

  private func inflate(_ bytes: [UInt8]) throws(RPCError) -> [UInt8] {
    guard isCompressed else {
      throw RPCError(.internal, "a compressed message in an answer that names no coding")
    }
    return try Gzip.decompress(bytes.span, byteCountMax: messageBytesMax)
  }

  private func nativeFailure(_ code: RPCCode, _ body: [UInt8]) -> RPCError {
    if body.isEmpty { return RPCError(code, "") }
    guard
      let status = try? SaraiRPC.Status(
        decoding: body, as: form.encoding, options: SaraiRPC.Status.coding)
    else {
      return RPCError(.internal, "a failed call whose status cannot be read")
    }
    return RPCError(code, status)
  }

  private mutating func callEnd(_ content: [UInt8]) throws(RPCError) -> RPCError? {
    guard
      let end = try? SaraiRPC.CallEnd(
        decoding: content, as: form.encoding, options: SaraiRPC.Status.coding)
    else {
      throw RPCError(.internal, "the end of the stream cannot be read")
    }
    for trailer in end.trailers { add(trailer.name, trailer.value, isTrailing: true) }
    if let fault { throw fault }
    guard let status = end.status else { return nil }
    return RPCError(RPCCode(sent: status.code), status)
  }

  /// The outcome of a gRPC call whose trailers have come, or of what ended without an outcome.
  func end() -> RPCError? {
    guard form == .grpc, let code else {
      return RPCError(.internal, "the answer ended without the call's outcome")
    }
    if code == .ok { return nil }
    if let grpcDetails, let bytes = Base64Text.decode(grpcDetails),
      let status = try? SaraiRPC.Status(decoding: bytes, as: .protobuf)
    {
      var error = RPCError(code, status)
      error.message = grpcMessage
      return error
    }
    return RPCError(code, grpcMessage)
  }
}

extension RPCCode {
  /// A code that a status says; never `ok`, since a status stands for a failure.
  init(sent number: Int32) {
    let code = RPCCode(rawValue: Int(number)) ?? .unknown
    self = code == .ok ? .unknown : code
  }

  /// What the reset of a stream means, as gRPC over HTTP/2 has it.
  init(resetWith errorCode: UInt32) {
    switch errorCode {
    case HTTP2ErrorCode.refusedStream: self = .unavailable
    case HTTP2ErrorCode.cancel: self = .cancelled
    case HTTP2ErrorCode.enhanceYourCalm: self = .resourceExhausted
    case 0xC: self = .permissionDenied
    default: self = .internal
    }
  }
}
