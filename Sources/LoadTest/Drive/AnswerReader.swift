internal import RPC

/// Reads of an answer what a load generator needs, as it comes: how many messages, and how it ended.
struct AnswerReader {
  /// How messages stand in the content.
  enum Framing: Sendable {
    /// Behind a flag and a length: gRPC, and native streams, whose last one holds the outcome.
    case envelopes(endsWithOutcome: Bool)
    /// The content is one message.
    case whole
    /// Each on a line of its own; the last one, `{"end":…}`, holds the outcome.
    case lines
  }

  /// An outcome is a code and texts; a native one begins with the code, one of JSON is read whole
  /// (details of 8 KiB, written as base64).
  private static let outcomeBytesMax = 16 << 10
  private static let outcomeLine = Array("{\"end\":".utf8)

  private let framing: Framing
  /// Messages so far.
  private(set) var messageCount: UInt64 = 0
  private var httpStatus = 0
  private var code: RPCCode?
  private var message: String?
  private var headBytes = 0
  private var flag: UInt8 = 0
  private var bytesLeft = 0
  private var outcome: [UInt8] = []
  /// The line that is being read, as far as it could be an outcome.
  private var line: [UInt8] = []

  init(_ framing: Framing) { self.framing = framing }

  /// How the call ended, now that the answer is complete.
  var result: RPCCode {
    if let code { return code }
    guard httpStatus == 200 else { return codeOfStatus }
    switch framing {
    case .envelopes(endsWithOutcome: true): return Self.code(ofOutcome: outcome) ?? .internal
    // An answer of gRPC without a status broke off.
    case .envelopes(endsWithOutcome: false): return .internal
    case .lines: return Self.code(ofLine: outcome) ?? .internal
    case .whole: return .ok
    }
  }

  /// What an HTTP status says of a call: gRPC's doc/http-grpc-status-mapping.md, which knows only
  /// what stands between, and for everything else google.rpc.Code.
  private var codeOfStatus: RPCCode {
    let isGRPC = if case .envelopes(endsWithOutcome: false) = framing { true } else { false }
    switch httpStatus {
    case 400: return isGRPC ? .internal : .invalidArgument
    case 401: return .unauthenticated
    case 403: return .permissionDenied
    case 404: return isGRPC ? .unimplemented : .notFound
    case 409: return .aborted
    case 429: return isGRPC ? .unavailable : .resourceExhausted
    case 499: return .cancelled
    case 501: return .unimplemented
    case 502, 503: return .unavailable
    case 504: return isGRPC ? .unavailable : .deadlineExceeded
    case 500: return isGRPC ? .unknown : .internal
    default: return .unknown
    }
  }

  mutating func httpStatusReceived(_ status: Int) { httpStatus = status }

  mutating func codeReceived(_ number: Int) { code = RPCCode(rawValue: number) ?? .unknown }

  /// Takes a text that says why the call failed, as far as it can be shown.
  mutating func messageReceived(_ text: Span<UInt8>) {
    var shown = ""
    for index in text.indices.prefix(200) where (0x20...0x7E).contains(text[index]) {
      shown.unicodeScalars.append(Unicode.Scalar(text[index]))
    }
    message = shown
  }

  /// What is known of a failure.
  var detail: String? {
    if let message { return message }
    if code == nil, httpStatus != 200 { return "HTTP status \(httpStatus)" }
    return nil
  }

  mutating func contentReceived(_ bytes: Span<UInt8>) {
    switch framing {
    case .whole: if messageCount == 0 { messageCount = 1 }
    case .lines: for index in bytes.indices { lineReceived(bytes[index]) }
    case .envelopes: envelopes(bytes)
    }
  }

  private mutating func lineReceived(_ byte: UInt8) {
    let isOutcome = line.starts(with: Self.outcomeLine)
    if byte == UInt8(ascii: "\n") {
      if isOutcome { outcome = line } else { messageCount += 1 }
      line.removeAll(keepingCapacity: true)
    } else if line.count < (isOutcome ? Self.outcomeBytesMax : Self.outcomeLine.count) {
      line.append(byte)
    }
  }

  /// The code in a line of JSON `{"end":{"status":{"code":…}}}`; nil without one.
  private static func code(ofLine line: [UInt8]) -> RPCCode? {
    guard !line.isEmpty else { return nil }
    guard let end = (try? JSONValue(parsing: line))?["end"] else { return .unknown }
    guard let status = end["status"] else { return .ok }
    return status["code"]?.double.flatMap { Int(exactly: $0) }.flatMap(RPCCode.init(rawValue:))
      ?? .unknown
  }

  private mutating func envelopes(_ bytes: Span<UInt8>) {
    var offset = 0
    while offset < bytes.count {
      if headBytes < 5 {
        if headBytes == 0 {
          flag = bytes[offset]
          bytesLeft = 0
        } else {
          bytesLeft = bytesLeft << 8 | Int(bytes[offset])
        }
        headBytes += 1
        offset += 1
      } else {
        let count = min(bytesLeft, bytes.count - offset)
        if isOutcome {
          for index in offset..<offset + count where outcome.count < Self.outcomeBytesMax {
            outcome.append(bytes[index])
          }
        }
        bytesLeft -= count
        offset += count
      }
      if headBytes == 5, bytesLeft == 0 {
        headBytes = 0
        if !isOutcome { messageCount += 1 }
      }
    }
  }

  private var isOutcome: Bool { flag & 0x02 != 0 }

  /// The code in a native `CallEnd`, or `Status`'s own bytes: ok where none stands.
  private static func code(ofOutcome bytes: [UInt8]) -> RPCCode? {
    var rest = bytes[...]
    // CallEnd.status is field 1; the call went well without it.
    guard let presence = varint(&rest) else { return nil }
    guard presence & 1 == 1 else { return .ok }
    guard varint(&rest) != nil, let fields = varint(&rest) else { return nil }
    guard fields & 1 == 1, let zigzag = varint(&rest) else { return nil }
    return RPCCode(rawValue: zigzag >> 1) ?? .unknown
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> Int? {
    var value = 0
    for shift in stride(from: 0, to: 56, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
