/// The REST/JSON interface of a schema's services as an OpenAPI 3.1 document.
public struct OpenAPIDocument {
  private let types: OpenAPITypes
  private let title: String
  private let version: String

  /// The document of all methods that have a route.
  public init(_ schema: Schema, title: String, version: String) {
    types = OpenAPITypes(schema: schema)
    self.title = title
    self.version = version
  }

  /// A method and how it is offered.
  private struct RoutedMethod {
    let method: Method
    let service: Service
    let route: HTTPRoute
  }

  private var routed: [RoutedMethod] {
    types.schema.files.flatMap(\.services).flatMap { service in
      service.methods.compactMap { method in
        HTTPRoute(method).map { RoutedMethod(method: method, service: service, route: $0) }
      }
    }
  }

  /// The document as JSON text; the same for the same schema.
  public var text: String {
    let routed = routed
    var document: JSONValue = ["openapi": "3.1.0"]
    document.set("info", ["title": .string(title), "version": .string(version)])
    document.set("servers", [["url": "/"]])
    document.set("security", [["accessToken": []]])
    document.set("tags", .array(tags(routed)))
    let paths = paths(routed)
    document.set("paths", paths)
    document.set("components", components(for: paths))
    return document.text
  }

  private func tags(_ routed: [RoutedMethod]) -> [JSONValue] {
    var seen: Set<String> = []
    return routed.map(\.service).filter { seen.insert($0.fullName).inserted }.map { service in
      var tag: JSONValue = ["name": .string(service.name)]
      tag.set(
        "description", .string(service.source.comments.documentation.joined(separator: "\n")))
      return tag
    }
  }

  private func paths(_ routed: [RoutedMethod]) -> JSONValue {
    let byPath = Dictionary(grouping: routed) { path(of: $0) }
    var paths: JSONValue = [:]
    for (path, methods) in byPath.sorted(by: { $0.key < $1.key }) {
      var operations: JSONValue = [:]
      for each in methods.sorted(by: { $0.route.verb < $1.route.verb }) {
        let operation = OpenAPIOperation(
          method: each.method, service: each.service, route: each.route, types: types)
        operations.set(each.route.verb.lowercased(), operation.value)
      }
      paths.set(path, operations)
    }
    return paths
  }

  /// The path with JSON's names in its braces, as everywhere outside the schema.
  private func path(of routed: RoutedMethod) -> String {
    let input = types.schema.message(named: routed.method.input)
    return routed.route.pathFields.reduce(routed.route.path) { path, name in
      let jsonName = input?.field(named: name)?.jsonName ?? name
      return path.replacing("{\(name)}", with: "{\(jsonName)}")
    }
  }

  private func components(for paths: JSONValue) -> JSONValue {
    let failure = "sarai.rpc.v1.Status"
    let isKnown = types.schema.message(named: failure) != nil
    let failureSchema: JSONValue = isKnown ? types.reference(failure) : ["type": "object"]
    return [
      "schemas": types.components(for: [paths, failureSchema]),
      "parameters": [
        "IdempotencyKey": [
          "name": "Idempotency-Key", "in": "header",
          "description":
            "Names the call, so that repeating it within 24 hours answers as before: 16 to 128 printable ASCII characters.",
          "schema": ["type": "string", "minLength": 16, "maxLength": 128],
        ]
      ],
      "responses": [
        "Failure": [
          "description": "The call failed; `code` is one of gRPC's.",
          "content": ["application/json": ["schema": failureSchema]],
        ]
      ],
      "securitySchemes": [
        "accessToken": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"]
      ],
    ]
  }
}
