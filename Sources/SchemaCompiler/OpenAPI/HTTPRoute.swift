/// How a method is offered as REST/JSON: its option `(sarai.options.v1.http)`.
public struct HTTPRoute: Sendable, Hashable {
  /// Which part of an HTTP body is which part of a message.
  public enum Body: Sendable, Hashable {
    /// There is no body on the way in; on the way out it is the message.
    case none
    /// The whole message, less the fields in the path.
    case message
    /// The value of one field, by its name in the schema.
    case field(String)

    init(_ text: String) {
      self =
        switch text {
        case "": .none
        case "*": .message
        default: .field(text)
        }
    }
  }

  /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
  public let verb: String
  /// `/v1/products/{id}`: names in braces are fields of the request, by their names in the schema.
  public let path: String
  /// Where the body of the HTTP request goes.
  public let requestBody: Body
  /// What the body of the HTTP answer holds.
  public let responseBody: Body

  /// The names in the path's braces, in their order.
  public var pathFields: [String] {
    path.split(separator: "/").filter { $0.hasPrefix("{") && $0.hasSuffix("}") }.map {
      String($0.dropFirst().dropLast())
    }
  }

  /// The route of a method; nil if it is not offered as REST.
  public init?(_ method: Method) {
    let members = method.options.members(of: "(sarai.options.v1.http)")
    guard case .enumeration(let verb, _)? = members["method"],
      case .string(let path)? = members["path"]
    else { return nil }
    self.verb = String(verb.dropFirst("HTTP_METHOD_".count))
    self.path = path
    requestBody = Body(members.text("body"))
    responseBody = Body(members.text("response_body"))
  }
}

extension Options {
  /// The fields of a message-typed option, by name; none if it is not set.
  func members(of option: String) -> [String: OptionValue] {
    var members: [String: OptionValue] = [:]
    for case .message(let parts) in self[option] {
      for part in parts { members[part.name] = part.value }
    }
    return members
  }
}

extension [String: OptionValue] {
  func text(_ name: String) -> String {
    if case .string(let text)? = self[name] { text } else { "" }
  }
}
