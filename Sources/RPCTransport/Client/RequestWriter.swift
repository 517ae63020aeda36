import HTTP2
import RPC
import Wire

/// How the requests of a connection are written, in the form that its client chose.
struct RequestWriter: Sendable {
  let authority: String
  let usesTLS: Bool

  func head(
    _ method: MethodDescriptor, _ form: CallForm, _ options: CallOptions, timeLeft: Duration?
  ) -> HeaderList {
    var head = HeaderList()
    head.append(":method", "POST")
    head.append(":scheme", usesTLS ? "https" : "http")
    head.append(":path", method.path)
    head.append(":authority", authority)
    if form == .grpc { head.append("te", "trailers") }
    head.append("content-type", form.contentType)
    if let timeLeft {
      if form == .grpc {
        head.append("grpc-timeout", Timeout.grpcText(timeLeft))
      } else {
        head.append("sarai-timeout", Timeout.saraiText(timeLeft))
      }
    }
    if options.usesCompression {
      head.append(form == .grpc ? "grpc-encoding" : "content-encoding", "gzip")
    }
    if form == .grpc {
      // Every client of ours understands it; whether it is used is the service's choice.
      head.append("grpc-accept-encoding", "identity,gzip")
    } else if options.usesCompression {
      head.append("accept-encoding", "gzip")
    }
    for entry in options.metadata.entries {
      head.append(entry.name, entry.value, isSensitive: entry.name == "authorization")
    }
    return head
  }

  /// The bytes of a message, as they go into the body.
  static func body(_ message: [UInt8], _ form: CallForm, compressed: Bool) -> [UInt8] {
    guard form.usesEnvelopes else { return compressed ? Gzip.compress(message) : message }
    var body: [UInt8] = []
    let content = compressed ? Gzip.compress(message) : message
    body.reserveCapacity(content.count + Envelope.headBytes)
    Envelope.append(content, flag: compressed ? Envelope.compressedFlag : 0, to: &body)
    return body
  }
}
