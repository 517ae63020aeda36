import HTTP2
import RPC

@testable import RPCTransport

/// Lines of `name: value` as the header of a request and of an answer, and each value as all that a
/// header may hold: what is understood can be written, and is read again as the same.
func examineHeader(_ bytes: [UInt8]) {
  var request = RequestHead()
  var replies = [CallForm.grpc, .native, .nativeStream, .json].map {
    ReplyReader($0, messageBytesMax: 300)
  }
  for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
    let name = Array(line.prefix { $0 != UInt8(ascii: " ") })
    let value = Array(line.dropFirst(name.count + 1))
    examineValue(value)
    // Transports let no other names pass.
    guard String(decoding: name, as: UTF8.self).allSatisfy(isOfName) else { continue }
    // An empty line ends the heads, and what follows are trailers.
    if line.isEmpty {
      for index in replies.indices { _ = replies[index].headEnded(endStream: false) }
    }
    switch HeaderName(name.span) {
    case .other, .traceparent, .authorization:
      request.takeOther(name.span, value.span)
      for index in replies.indices { replies[index].takeOther(name.span, value.span) }
    case let known:
      request.take(known, value.span)
      for index in replies.indices { replies[index].take(known, value.span) }
    }
  }
  if let timeout = request.timeout { examineTimeout(timeout) }
  require(request.metadata.entries.count <= 512, "\(request.metadata.entries.count) entries")
  for entry in request.metadata.entries {
    require(!Metadata.isReserved(entry.name), "`\(entry.name)` became metadata")
  }
  for reply in replies { _ = reply.end() }
}

private func isOfName(_ character: Character) -> Bool {
  character.isASCII && !character.isUppercase && !character.isWhitespace
}

private func examineValue(_ value: [UInt8]) {
  let text = String(decoding: value, as: UTF8.self)
  if let bytes = Base64Text.decode(text) {
    require(Base64Text.decode(Base64Text.encode(bytes)) == bytes, "Base64 of \(bytes)")
  }
  require(Base64Text.decode(Base64Text.encode(value)) == value, "Base64 of \(value)")
  let message = GRPCMessage.encode(text)
  require(message.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "a header cannot hold \(message)")
  require(GRPCMessage.decode(Array(message.utf8).span) == text, "\(message) is not \(text)")
  _ = GRPCMessage.decode(value.span)
  _ = CallForm(contentType: value.span)
  _ = RPCCode(header: value.span)
  if let timeout = Timeout.grpc(value.span) { examineTimeout(timeout) }
  if let timeout = Timeout.sarai(value.span) { examineTimeout(timeout) }
}

/// No peer gives up earlier for a time that was passed on: 3 years aside.
private func examineTimeout(_ timeout: Duration) {
  require(timeout >= .zero, "a timeout of \(timeout)")
  let bounded = min(timeout, .seconds(99_999_999))
  let grpc = Timeout.grpc(Array(Timeout.grpcText(timeout).utf8).span)
  let sarai = Timeout.sarai(Array(Timeout.saraiText(timeout).utf8).span)
  for again in [grpc, sarai] {
    require(again.map { $0 >= bounded } == true, "\(timeout) became \(again as Any)")
  }
}
