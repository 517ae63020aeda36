/// Why a request is refused. The connection ends after the answer.
public enum HTTP1Error: String, Error, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  // Bytes and lines
  case bareCarriageReturn = "A carriage return must be followed by a line feed."
  case bareLineFeed = "A line feed must follow a carriage return."
  case controlByte = "Lines must not hold control characters."
  case requestLineTooLong = "Shorten the request target."
  case truncated = "The request ended before it was complete."
  // Request line
  case malformedRequestLine =
    "A request line is a method, a target and a version, with one space between them."
  case unknownMethod = "The method is not implemented."
  case invalidTarget = "The request target is not in a form that this server accepts."
  case unsupportedVersion = "Use HTTP/1.1 or HTTP/1.0."
  // Fields
  case malformedField = "A field is a name, a colon and a value, without a space before the colon."
  case foldedField = "A field must stand on one line."
  case fieldsTooLarge = "Send fewer or shorter fields."
  case missingHost = "Name the host in a host field."
  case repeatedHost = "Name the host once."
  case invalidHost = "The host field is not a host with an optional port."
  case hostMismatch = "The host of the target and the host field differ."
  case unknownExpectation = "Expect nothing but 100-continue."
  // Body
  case invalidContentLength = "The content length must be one decimal number."
  case contentLengthWithTransferEncoding =
    "Give a content length or a transfer encoding, not both."
  case transferEncodingInHTTP10 = "HTTP/1.0 has no transfer encodings."
  case unsupportedTransferEncoding = "The only transfer encoding here is chunked, once."
  case bodyTooLarge = "The body is larger than this resource accepts."
  case malformedChunk = "The body is not in chunks as its transfer encoding says."
  // What only the caller can know
  case timedOut = "The request took too long to arrive."
  case overloaded = "The server has too much to do; try again later."

  /// The status code to answer with.
  public var status: Int {
    switch self {
    case .timedOut: 408
    case .bodyTooLarge: 413
    case .requestLineTooLong: 414
    case .unknownExpectation: 417
    case .fieldsTooLarge: 431
    case .unknownMethod, .unsupportedTransferEncoding: 501
    case .overloaded: 503
    case .unsupportedVersion: 505
    default: 400
    }
  }

  /// What the peer should do differently.
  public var description: String { rawValue }
}
