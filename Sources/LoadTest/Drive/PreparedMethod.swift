/// A method whose requests are ready to be sent, so that a call costs the run as little as it can.
public struct PreparedMethod: Sendable {
  /// `package.Service/Method`.
  public let name: String
  /// The request's header fields, pseudo-header fields first.
  let headers: [(name: String, value: String)]
  /// What calls send in turn: each a whole message, framed where the protocol frames.
  let messages: [[UInt8]]
  /// Messages of one call.
  let messagesPerCall: Int
  /// How answers are read.
  let framing: AnswerReader.Framing

  /// Prepares a method.
  ///
  /// - Parameters:
  ///   - requests: encoded messages, at least one, sent in turn.
  ///   - authority: the host that is called, for the `:authority` field.
  public init(
    _ name: String, clientStreams: Bool, serverStreams: Bool, requests: [[UInt8]],
    plan: LoadPlan, callProtocol: CallProtocol, authority: String, isTLS: Bool,
    headers extra: [(name: String, value: String)] = []
  ) {
    precondition(!requests.isEmpty, "a method needs a request to send")
    self.name = name
    let streams = clientStreams || serverStreams
    var headers = [
      (":method", "POST"), (":scheme", isTLS ? "https" : "http"), (":path", "/\(name)"),
      (":authority", authority), ("content-type", callProtocol.contentType(streams: streams)),
      ("user-agent", "sarai-bench"),
    ]
    if callProtocol == .grpc { headers.append(("te", "trailers")) }
    if let deadline = plan.deadline { headers.append(callProtocol.timeout(deadline)) }
    self.headers = headers + extra
    messagesPerCall = clientStreams ? plan.messagesPerStream : 1
    switch (callProtocol, streams) {
    case (.grpc, _): framing = .envelopes(endsWithOutcome: false)
    case (.native, true): framing = .envelopes(endsWithOutcome: true)
    case (.native, false), (.json, false): framing = .whole
    case (.json, true): framing = .lines
    }
    switch framing {
    case .envelopes: messages = requests.map(Self.envelope)
    case .whole: messages = requests
    case .lines: messages = requests.map { $0 + [UInt8(ascii: "\n")] }
    }
  }

  private static func envelope(_ message: [UInt8]) -> [UInt8] {
    let length = UInt32(message.count)
    let head = [0, 24, 16, 8, 0].enumerated().map { index, shift in
      index == 0 ? 0 : UInt8(truncatingIfNeeded: length >> UInt32(shift))
    }
    return head + message
  }
}
