/// What the fields of a request say about its body and about the connection.
enum RequestRules {
  /// RFC 9112 section 6, without the leeway that lets two parsers see two different requests.
  static func body(_ fields: HTTP1Fields, _ version: HTTP1Version) throws(HTTP1Error) -> HTTP1Body {
    let lengths = fields.count(of: "content-length")
    let encodings = fields.count(of: "transfer-encoding")
    if lengths > 0, encodings > 0 { throw .contentLengthWithTransferEncoding }
    if encodings > 0 {
      if version == .http10 { throw .transferEncodingInHTTP10 }
      var isChunked = encodings == 1
      fields.forEachValue(of: "transfer-encoding") { value in
        isChunked = isChunked && value.equalsIgnoringCase("chunked".utf8Span.span)
      }
      if !isChunked { throw .unsupportedTransferEncoding }
      return .chunked
    }
    guard lengths > 0 else { return .none }
    var length: Int?
    fields.forEachValue(of: "content-length") { length = $0.decimal }
    guard lengths == 1, let length else { throw .invalidContentLength }
    return length == 0 ? .none : .length(length)
  }

  /// RFC 9112 section 9.3.
  static func keepAlive(_ fields: HTTP1Fields, _ version: HTTP1Version) -> Bool {
    var closes = false
    var keeps = version == .http11
    fields.forEachValue(of: "connection") { list in
      forEachMember(of: list) { member in
        if member.equalsIgnoringCase("close".utf8Span.span) { closes = true }
        if member.equalsIgnoringCase("keep-alive".utf8Span.span) { keeps = true }
      }
    }
    return keeps && !closes
  }

  /// RFC 9110 section 10.1.1; HTTP/1.0 peers cannot wait.
  static func expectsContinue(
    _ fields: HTTP1Fields, _ version: HTTP1Version
  ) throws(HTTP1Error) -> Bool {
    var count = 0
    var isKnown = true
    fields.forEachValue(of: "expect") { value in
      count += 1
      isKnown = isKnown && value.equalsIgnoringCase("100-continue".utf8Span.span)
    }
    if !isKnown { throw .unknownExpectation }
    return count > 0 && version == .http11
  }

  /// The members of a list with commas between them, without blanks around them.
  private static func forEachMember(of list: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
    var start = 0
    while start <= list.count {
      let comma = list.firstIndex(of: UInt8(ascii: ","), from: start) ?? list.count
      var first = start
      var last = comma
      while first < last, list[first].isBlank { first += 1 }
      while last > first, list[last - 1].isBlank { last -= 1 }
      body(list.extracting(first..<last))
      start = comma + 1
    }
  }
}
