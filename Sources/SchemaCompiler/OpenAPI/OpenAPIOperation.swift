/// One method as an operation of OpenAPI 3.1.
struct OpenAPIOperation {
  let method: Method
  let service: Service
  let route: HTTPRoute
  let types: OpenAPITypes

  private static let optionsPackage = "sarai.options.v1"
  /// Query parameters are taken from messages in messages only so far down.
  private static let queryDepthMax = 3

  private var input: MessageType? { types.schema.message(named: method.input) }
  private var output: MessageType? { types.schema.message(named: method.output) }

  var value: JSONValue {
    let lines = method.source.comments.documentation
    var operation: JSONValue = ["operationId": .string("\(service.name).\(method.name)")]
    operation.set("tags", [.string(service.name)])
    operation.set("summary", .string(Self.firstSentence(lines)))
    operation.set("description", .string(lines.joined(separator: "\n")))
    operation.set("parameters", .array(parameters))
    operation.set("requestBody", requestBody)
    operation.set("responses", responses)
    if isForAnyone { operation.set("security", [[:], ["accessToken": []]]) }
    if method.options.bool("deprecated") { operation.set("deprecated", true) }
    return operation
  }

  private var isForAnyone: Bool {
    let access = method.options.members(of: "(\(Self.optionsPackage).access)")
    if case .enumeration("AUDIENCE_ANYONE", _)? = access["audience"] { return true }
    return false
  }

  private static func firstSentence(_ lines: [String]) -> String {
    let text = lines.joined(separator: " ")
    var end = text.startIndex
    while let stop = text[end...].firstIndex(of: ".") {
      end = text.index(after: stop)
      if end == text.endIndex || text[end] == " " { return String(text[..<stop]) }
    }
    return text
  }

  // MARK: Parameters

  private var parameters: [JSONValue] {
    guard let input else { return [] }
    var parameters = route.pathFields.compactMap { name in
      input.field(named: name).map {
        parameter($0, in: "path", named: $0.jsonName, isRequired: true)
      }
    }
    parameters += query(of: input, prefix: "", elsewhere: fieldsElsewhere, depth: 0)
    let idempotency = method.options.members(of: "(\(Self.optionsPackage).idempotency)")
    if case .enumeration("IDEMPOTENCY_KIND_KEY", _)? = idempotency["kind"] {
      parameters.append(["$ref": "#/components/parameters/IdempotencyKey"])
    }
    return parameters
  }

  /// The fields that do not come from the query.
  private var fieldsElsewhere: Set<String>? {
    let path = Set(route.pathFields)
    return switch route.requestBody {
    case .none: path
    case .message: nil
    case .field(let name): path.union([name])
    }
  }

  private func query(
    of message: MessageType, prefix: String, elsewhere: Set<String>?, depth: Int
  ) -> [JSONValue] {
    guard let elsewhere, depth < Self.queryDepthMax else { return [] }
    return message.fields.filter { !elsewhere.contains($0.name) && !$0.isMap }.flatMap { field in
      let name = prefix + field.jsonName
      guard case .message(let inner) = field.type, !OpenAPITypes.isWellKnown(inner) else {
        return [parameter(field, in: "query", named: name, isRequired: depth == 0)]
      }
      guard !field.isRepeated, let inner = types.schema.message(named: inner) else { return [] }
      return query(of: inner, prefix: name + ".", elsewhere: [], depth: depth + 1)
    }
  }

  private func parameter(
    _ field: Field, in place: String, named name: String, isRequired: Bool
  ) -> JSONValue {
    var parameter: JSONValue = ["name": .string(name), "in": .string(place)]
    if place == "path" || isRequired && OpenAPITypes.isRequired(field) {
      parameter.set("required", true)
    }
    parameter.set(
      "description", .string(field.source.comments.documentation.joined(separator: "\n")))
    parameter.set("schema", types.value(of: field))
    return parameter
  }

  // MARK: Bodies

  private var requestBody: JSONValue? {
    guard let input else { return nil }
    switch route.requestBody {
    case .none: return nil
    case .message:
      let path = Set(route.pathFields)
      let schema = path.isEmpty ? types.reference(method.input) : types.object(input, without: path)
      return ["required": true, "content": ["application/json": ["schema": schema]]]
    case .field(let name):
      guard let field = input.field(named: name) else { return nil }
      return ["required": true, "content": content(of: field)]
    }
  }

  private func content(of field: Field) -> JSONValue {
    if case .scalar(.bytes) = field.type {
      return ["application/octet-stream": ["schema": ["type": "string", "format": "binary"]]]
    }
    return ["application/json": ["schema": types.value(of: field)]]
  }

  private var responses: JSONValue {
    ["200": success, "default": ["$ref": "#/components/responses/Failure"]]
  }

  private var success: JSONValue {
    guard case .field(let name) = route.responseBody, let field = output?.field(named: name) else {
      let schema = types.reference(method.output)
      guard method.serverStreams else {
        return [
          "description": "The answer.", "content": ["application/json": ["schema": schema]],
        ]
      }
      return [
        "description": "A message a line, or an event each.",
        "content": [
          "application/x-ndjson": ["schema": schema], "text/event-stream": ["schema": schema],
        ],
      ]
    }
    return ["description": .string("The field `\(name)`."), "content": content(of: field)]
  }
}
