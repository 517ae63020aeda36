/// The head of a request, as RFC 9112 sections 3 and 5 describe it.
public struct HTTP1Request: Sendable, Hashable {
  /// The method, as sent: methods are case-sensitive.
  public let method: String
  /// A path that begins with `/` and an optional query, or `*` for `OPTIONS`. Percent signs are
  /// followed by two digits; nothing is decoded.
  public let target: String
  /// The version of the peer.
  public let version: HTTP1Version
  /// The fields in the order in which they were sent, `host` among them.
  public let fields: HTTP1Fields
  /// How much body follows; `length` is never 0.
  public let body: HTTP1Body
  /// Whether the peer would send another request on this connection.
  public let keepAlive: Bool
  /// Whether the peer waits for `sendContinue` before it sends the body.
  public let expectsContinue: Bool
}

/// The versions that this machine speaks.
public enum HTTP1Version: Sendable, Hashable {
  /// RFC 1945: no chunks; closes after each answer unless asked to keep the connection.
  case http10
  /// RFC 9112.
  case http11
}

/// How the end of a body is told.
public enum HTTP1Body: Sendable, Hashable {
  /// There is no body.
  case none
  /// By its number of bytes, told in front.
  case length(Int)
  /// By an empty chunk; an answer to an HTTP/1.0 peer ends with the connection instead.
  case chunked
}

/// What the machine waits for, so that the caller can choose the time that it may take.
public enum HTTP1Awaited: Sendable, Hashable {
  /// The first byte of a request: the connection is idle.
  case request
  /// The rest of a head.
  case restOfHead
  /// The rest of a body.
  case restOfBody
  /// Nothing of the peer: its request is complete, or nothing more is read.
  case nothing
}
