/// Reads the head of a request as its bytes arrive.
struct HeadReader {
  private let limits: HTTP1Limits
  private var hasSkippedLine = false
  private var line: RequestLine?
  private var section: FieldSection

  init(limits: HTTP1Limits) {
    self.limits = limits
    section = FieldSection(byteCountMax: limits.fieldBytesMax, countMax: limits.fieldCountMax)
  }

  /// Whether a line of the request has been read.
  var hasBegun: Bool { line != nil }

  /// The request, once its head is complete.
  mutating func read(_ input: inout InputBuffer) throws(HTTP1Error) -> HTTP1Request? {
    while line == nil {
      guard
        let count = try input.findLine(
          bytesMax: limits.requestLineBytesMax, tooLong: .requestLineTooLong)
      else { return nil }
      if count == 0 {
        // RFC 9112 section 2.2 wants an empty line to be passed over, for the sake of clients that
        // end a body with one. No client sends two.
        if hasSkippedLine { throw .malformedRequestLine }
        hasSkippedLine = true
      } else {
        line = try RequestLine(input.prefix(count).span, methodBytesMax: limits.methodBytesMax)
      }
      input.consumeLine(count)
    }
    guard try section.read(&input), let line else { return nil }
    let request = try Self.request(line, section.fields)
    self = HeadReader(limits: limits)
    return request
  }

  private static func request(
    _ line: RequestLine, _ fields: HTTP1Fields
  ) throws(HTTP1Error) -> HTTP1Request {
    try checkHost(fields, line)
    let body = try RequestRules.body(fields, line.version)
    let expectsContinue = try RequestRules.expectsContinue(fields, line.version)
    return HTTP1Request(
      method: line.method, target: line.target.text, version: line.version, fields: fields,
      body: body, keepAlive: RequestRules.keepAlive(fields, line.version),
      expectsContinue: expectsContinue && body != .none)
  }

  /// RFC 9112 section 3.2.
  private static func checkHost(_ fields: HTTP1Fields, _ line: RequestLine) throws(HTTP1Error) {
    var count = 0
    var isValid = true
    var agrees = true
    let authority = line.target.authority
    fields.forEachValue(of: "host") { host in
      count += 1
      isValid = isValid && Authority.isValid(host)
      if let authority { agrees = host.equalsIgnoringCase(authority.utf8Span.span) }
    }
    if count > 1 { throw .repeatedHost }
    if count == 0, line.version == .http11 || authority != nil { throw .missingHost }
    if !isValid { throw .invalidHost }
    if !agrees { throw .hostMismatch }
  }
}
