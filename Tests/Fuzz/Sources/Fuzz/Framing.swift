import HTTP2
import RPC
import Wire

@testable import RPCTransport

private let messageBytesMax = 300

/// Bodies of calls, as the first byte says: what they hold is the same however they are split, no
/// message is over the limit, and what is held for one neither.
func examineFraming(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  let body = bytes.dropFirst()
  if first & 1 == 0 {
    let whole = readEnvelopes(body, piecesMax: 0)
    for piecesMax in [1, 24] {
      require(readEnvelopes(body, piecesMax: piecesMax) == whole, "split envelopes differ")
    }
  } else {
    let forms: [CallForm] = [.grpc, .native, .nativeStream, .json]
    let form = forms[Int(first >> 1 & 3)]
    let isCompressed = first & 8 != 0
    let isLines = form == .json && first & 16 != 0
    let whole = readReply(body, form, isCompressed: isCompressed, isLines: isLines, piecesMax: 0)
    for piecesMax in [1, 24] {
      let split = readReply(
        body, form, isCompressed: isCompressed, isLines: isLines, piecesMax: piecesMax)
      require(split == whole, "a split answer differs: \(split), not \(whole)")
    }
  }
}

/// The messages of a body, and why there are no further ones.
private struct Heard: Equatable {
  var messages: [[UInt8]] = []
  var flags: [UInt8] = []
  var failure: RPCCode?
  var outcome: RPCError?
  var isOver = false
}

// MARK: Requests

private func readEnvelopes(_ body: ArraySlice<UInt8>, piecesMax: Int) -> Heard {
  var reader = EnvelopeReader(messageBytesMax: messageBytesMax)
  var heard = Heard()
  do throws(RPCError) {
    for piece in pieces(of: body, byteCountMax: piecesMax) {
      var envelopes: [EnvelopeReader.Piece] = []
      defer {
        for envelope in envelopes {
          heard.messages.append(envelope.bytes)
          heard.flags.append(envelope.flag)
          require(envelope.bytes.count <= messageBytesMax, "a message is too large")
          if envelope.flag & 1 == 1 { inflate(envelope.bytes) }
        }
      }
      try reader.receive(piece.span, &envelopes)
      require(reader.byteCount <= messageBytesMax + Envelope.headBytes, "too much is held")
    }
    heard.isOver = reader.isBetween
  } catch {
    heard.failure = error.code
  }
  return heard
}

/// What is decompressed is in bounds, and compressed again comes out the same.
private func inflate(_ bytes: [UInt8]) {
  guard let plain = try? Gzip.decompress(bytes.span, byteCountMax: 1000) else { return }
  require(plain.count <= 1000, "\(plain.count) bytes were decompressed")
  let again = try? Gzip.decompress(Gzip.compress(plain).span, byteCountMax: 1000)
  require(again == plain, "\(again as Any) came out of \(plain)")
}

// MARK: Answers

private func readReply(
  _ body: ArraySlice<UInt8>, _ form: CallForm, isCompressed: Bool, isLines: Bool, piecesMax: Int
) -> Heard {
  var reply = ReplyReader(form, messageBytesMax: messageBytesMax)
  reply.take(.status, Array("200".utf8).span)
  let contentType = isLines ? "application/x-ndjson" : "\(form.contentType)"
  reply.take(.contentType, Array(contentType.utf8).span)
  if isCompressed {
    reply.take(form == .grpc ? .grpcEncoding : .contentEncoding, Array("gzip".utf8).span)
  }
  let refusal = reply.headEnded(endStream: false)
  require(refusal == nil, "a good head is refused: \(refusal as Any)")
  var heard = Heard()
  let parts = pieces(of: body, byteCountMax: piecesMax)
  do throws(RPCError) {
    for (index, piece) in parts.enumerated() {
      let said = try reply.receive(piece.span, ended: index == parts.count - 1, &heard.messages)
      if let said {
        heard.isOver = true
        heard.outcome = said
        return heard
      }
    }
    heard.outcome = reply.end()
  } catch {
    heard.failure = error.code
  }
  for message in heard.messages {
    require(message.count <= messageBytesMax, "a message of \(message.count) bytes")
  }
  return heard
}
