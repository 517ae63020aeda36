/// Carries requests to the outside. Everything that calls out is given one, so that tests and the
/// simulator decide what the network does.
public protocol HTTPExchange: Sendable {
  /// Sends a request and waits for its answer, whatever its status.
  func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse
}

/// A request to the outside: a POST, the only thing that the suite sends.
public struct HTTPRequest: Sendable, Hashable {
  /// Where to: an absolute URL.
  public var url: String
  /// Header fields, names in lower case.
  public var fields: [HTTPField]
  /// The body.
  public var body: [UInt8]
  /// How long the whole exchange may take.
  public var timeout: Duration

  /// A request.
  public init(url: String, fields: [HTTPField], body: [UInt8], timeout: Duration) {
    self.url = url
    self.fields = fields
    self.body = body
    self.timeout = timeout
  }
}

/// What came back.
public struct HTTPResponse: Sendable, Hashable {
  /// The status: 200.
  public var status: Int
  /// Header fields, names in lower case.
  public var fields: [HTTPField]
  /// The body.
  public var body: [UInt8]

  /// An answer.
  public init(status: Int, fields: [HTTPField] = [], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }
}

/// A header field.
public struct HTTPField: Sendable, Hashable {
  /// In lower case.
  public let name: String
  /// Its value.
  public let value: String

  /// A header field.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension [HTTPField] {
  /// The value of the first field of that name.
  public subscript(name: String) -> String? { first { $0.name == name }?.value }
}

/// Why there is no answer.
public enum HTTPFailure: Error, Sendable, Hashable {
  /// No connection was made, or none was tried: the other side has certainly seen nothing.
  case notSent(String)
  /// The request was on its way: the other side may have done anything.
  case unanswered(String)
}
