import HTTP2
import RPC
import RPCContracts
import Wire

/// How the answer of one call is written, in the form that its caller chose.
struct AnswerWriter {
  let form: CallForm
  let acceptsGzip: Bool
  /// JSON streams as server-sent events instead of lines.
  let usesEventStream: Bool
  let isStream: Bool

  /// What a failure's message may take of a header, and what its details: peers take 8 to 16 KiB of
  /// header, and one that is too large is no answer at all.
  private static let failureFieldBytesMax = 6 << 10
  private static let grpcHead = HeaderList([
    ":status": "200", "content-type": "application/grpc",
  ])
  private static let grpcOK = HeaderList(["grpc-status": "0"])
  private static let nativeHead = HeaderList([
    ":status": "200", "content-type": "application/x-sarai",
  ])

  // MARK: A single message

  /// The whole answer of a call that succeeded with one message.
  func unary(_ message: AnswerMessage, _ context: CallContext) -> CallAnswer {
    let isPlain = context.hasNoReplyMetadata && !message.isCompressed
    if isPlain, form == .native { return CallAnswer(head: Self.nativeHead, body: message.bytes) }
    if isPlain, form == .grpc {
      return CallAnswer(
        head: Self.grpcHead, envelopeFlag: 0, body: message.bytes, trailers: Self.grpcOK)
    }
    var body: [UInt8] = []
    switch form {
    case .grpc:
      append(message, to: &body)
      return CallAnswer(
        head: streamHead(context), body: body, trailers: grpcTrailers(nil, context))
    case .nativeStream:
      append(message, to: &body)
      body += end(nil, context).bytes
      return CallAnswer(head: streamHead(context), body: body)
    case .native, .json:
      var head = head(200, context)
      appendTrailing(to: &head, context)
      if message.isCompressed { head.append("content-encoding", "gzip") }
      return CallAnswer(head: head, body: message.bytes)
    }
  }

  /// The whole answer of a call that failed before anything was answered.
  func failure(_ error: RPCError, _ context: CallContext) -> CallAnswer {
    switch form {
    case .grpc:
      var head = head(200, context)
      appendGRPCStatus(to: &head, error, context)
      return CallAnswer(head: head)
    case .nativeStream:
      return CallAnswer(head: streamHead(context), body: end(error, context).bytes)
    case .native, .json:
      var head = head(form == .json ? error.code.httpStatus : 200, context)
      head.append("sarai-status", "\(error.code.rawValue)")
      appendTrailing(to: &head, context)
      return CallAnswer(head: head, body: error.statusBytes(as: form.encoding))
    }
  }

  // MARK: Streams

  /// The head of an answer that comes in pieces.
  func streamHead(_ context: CallContext) -> HeaderList {
    var head = head(200, context)
    if acceptsGzip {
      if form == .grpc { head.append("grpc-encoding", "gzip") }
      if form == .nativeStream { head.append("content-encoding", "gzip") }
    }
    return head
  }

  /// Appends a message among others.
  func append(_ message: AnswerMessage, to output: inout [UInt8]) {
    if form == .json {
      output += (usesEventStream ? "data: " : "{\"result\":").utf8
      output += message.bytes
      output += (usesEventStream ? "\n\n" : "}\n").utf8
    } else {
      let flag = message.isCompressed ? Envelope.compressedFlag : 0
      Envelope.append(message.bytes, flag: flag, to: &output)
    }
  }

  /// What comes behind the last message, or instead of it.
  func end(
    _ error: RPCError?, _ context: CallContext
  ) -> (bytes: [UInt8], trailers: HeaderList?) {
    switch form {
    case .grpc: return ([], grpcTrailers(error, context))
    case .nativeStream:
      return (enveloped(endBytes(error, context, as: .native), flag: Envelope.endFlag), nil)
    case .json:
      let end = endBytes(error, context, as: .json)
      return usesEventStream
        ? (Array("event: end\ndata: ".utf8) + end + Array("\n\n".utf8), nil)
        : (Array("{\"end\":".utf8) + end + Array("}\n".utf8), nil)
    case .native: return ([], nil)
    }
  }

  private func endBytes(
    _ error: RPCError?, _ context: CallContext, as encoding: Encoding
  ) -> [UInt8] {
    let trailers = context.trailingMetadata.entries.map {
      SaraiRPC.MetadataEntry(name: $0.name, value: $0.value)
    }
    let end = SaraiRPC.CallEnd(status: error?.status(as: encoding), trailers: trailers)
    return (try? end.encoded(as: encoding, options: SaraiRPC.Status.coding)) ?? []
  }

  // MARK: Headers

  private func head(_ status: Int, _ context: CallContext) -> HeaderList {
    var head = HeaderList()
    if status == 200 { head.append(":status", "200") } else { head.append(":status", "\(status)") }
    if form == .json, isStream, status == 200 {
      head.append("content-type", usesEventStream ? "text/event-stream" : "application/x-ndjson")
      head.append("cache-control", "no-store")
    } else {
      head.append("content-type", form.contentType)
    }
    append(context.initialMetadata, to: &head, behind: "")
    return head
  }

  private func grpcTrailers(_ error: RPCError?, _ context: CallContext) -> HeaderList {
    if error == nil, context.hasNoReplyMetadata { return Self.grpcOK }
    var trailers = HeaderList()
    appendGRPCStatus(to: &trailers, error, context)
    return trailers
  }

  private func appendGRPCStatus(
    to list: inout HeaderList, _ error: RPCError?, _ context: CallContext
  ) {
    list.append("grpc-status", "\(error?.code.rawValue ?? 0)")
    if let error {
      if !error.message.isEmpty {
        list.append(
          "grpc-message",
          GRPCMessage.encode(error.message, byteCountMax: Self.failureFieldBytesMax))
      }
      if !error.details.isEmpty {
        let details = Base64Text.encode(error.statusBytes(as: .protobuf))
        if details.utf8.count <= Self.failureFieldBytesMax {
          list.append("grpc-status-details-bin", details)
        }
      }
      if error.code == .unimplemented { list.append("grpc-accept-encoding", "identity,gzip") }
    }
    append(context.trailingMetadata, to: &list, behind: "")
  }

  private func appendTrailing(to head: inout HeaderList, _ context: CallContext) {
    append(context.trailingMetadata, to: &head, behind: "trailer-")
  }

  private func append(_ metadata: Metadata, to list: inout HeaderList, behind prefix: String) {
    for entry in metadata.entries { list.append(prefix + entry.name, entry.value) }
  }

  // MARK: Bodies

  /// Whether a message is to be compressed before it is written.
  func compresses(_ message: [UInt8], _ context: CallContext) -> Bool {
    // A stream of JSON has no envelopes that could say so.
    guard acceptsGzip, form != .json || !isStream else { return false }
    // gRPC clients say that they accept gzip even where they would rather not have it.
    return context.compressesResponses
      || form != .grpc && message.count >= Gzip.worthwhileBytesMin
  }

  /// Compresses a message, unless that makes it larger: a large one in steps, between which the loop
  /// does other things.
  ///
  /// - Parameter givenUp: why nobody wants the message any more, asked between the steps.
  /// - Throws: what `givenUp` says.
  func compressed(
    _ message: [UInt8], _ turnstile: Turnstile, givenUp: () -> RPCError?
  ) async throws(RPCError) -> AnswerMessage {
    let isLarge = message.count > Gzip.Deflation.stepBytesMax
    if isLarge { await turnstile.enter() }
    defer { if isLarge { turnstile.leave() } }
    var deflation = Gzip.Deflation()
    while !deflation.goOn(with: message.span) {
      await Task.yield()
      if let error = givenUp() { throw error }
    }
    let small = AnswerMessage(deflation.output, isCompressed: true)
    return small.bytes.count < message.count ? small : AnswerMessage(message)
  }

  private func enveloped(_ message: [UInt8], flag: UInt8) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(message.count + Envelope.headBytes)
    Envelope.append(message, flag: flag, to: &bytes)
    return bytes
  }
}

extension CallContext {
  /// Stands for the context of a request that never became a call.
  static let unrouted = CallContext(MethodDescriptor(service: "", name: "", kind: .unary))
}
