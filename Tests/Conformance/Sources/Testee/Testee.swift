import Wire

/// Answers the conformance runner: one request after the other on the standard input, each behind
/// its length (4 bytes, little-endian), and their answers on the standard output alike.
@main
struct Testee {
  static func main() throws {
    while let length = StandardStreams.read(4) {
      let count = length.reversed().reduce(0) { $0 << 8 | Int($1) }
      guard let bytes = StandardStreams.read(count) else { return }
      let request = try Conformance.ConformanceRequest(decoding: bytes, as: .protobuf)
      let answer = try answer(to: request).encoded(as: .protobuf)
      StandardStreams.write((0..<4).map { UInt8(truncatingIfNeeded: answer.count >> (8 * $0)) })
      StandardStreams.write(answer)
    }
  }

  /// Decodes the request's message and encodes it again in the encoding that is asked for.
  static func answer(
    to request: Conformance.ConformanceRequest
  ) -> Conformance.ConformanceResponse {
    var response = Conformance.ConformanceResponse()
    response.result = result(of: request)
    return response
  }

  private static func result(
    of request: Conformance.ConformanceRequest
  ) -> Conformance.ConformanceResponse.Result {
    // The runner's first question: which tests are known to fail? None: an empty FailureSet.
    if request.messageType == "conformance.FailureSet" { return .protobufPayload([]) }
    if request.messageType.contains("proto2") { return .skipped("proto2") }

    let bytes: [UInt8]
    let input: Encoding
    switch request.payload {
    case .protobufPayload(let payload): (bytes, input) = (payload, .protobuf)
    case .jsonPayload(let payload): (bytes, input) = (Array(payload.utf8), .json)
    case .textPayload: return .skipped("text format")
    case .jspbPayload, nil: return .runtimeError("no payload")
    }
    if request.requestedOutputFormat == .textFormat { return .skipped("text format") }

    var options = CodingOptions()
    options.types = TypeRegistry.known
    options.ignoresUnknownJSONMembers =
      request.testCategory == .jsonIgnoreUnknownParsingTest
    // The runner takes it for granted that JSON leaves out what the schema does not know.
    options.dropsUnknownFields = request.requestedOutputFormat == .json

    let message: ProtobufTestMessagesProto3.TestAllTypesProto3
    do {
      message = try .init(decoding: bytes, as: input, options: options)
    } catch {
      return .parseError(error.description)
    }
    do {
      switch request.requestedOutputFormat {
      case .protobuf: return .protobufPayload(try message.encoded(as: .protobuf, options: options))
      case .json:
        let text = try message.encoded(as: .json, options: options)
        return .jsonPayload(String(decoding: text, as: UTF8.self))
      default: return .runtimeError("no such output: \(request.requestedOutputFormat)")
      }
    } catch {
      return .serializeError(error.description)
    }
  }
}
