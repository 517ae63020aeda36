import RPC
public import SchemaCompiler

/// Finds what a person names in a schema, and says what was probably meant.
public struct SchemaLookup: Sendable {
  /// Where things are looked up.
  public let schema: Schema

  /// A lookup in this schema.
  public init(_ schema: Schema) { self.schema = schema }

  /// The full names of all services, sorted.
  public var services: [String] { schema.files.flatMap(\.services).map(\.fullName).sorted() }

  /// The service of a full name.
  ///
  /// - Throws: `CallFailure.schema` that names what there is.
  public func service(named name: String) throws(CallFailure) -> SchemaCompiler.Service {
    if let service = schema.service(named: name) { return service }
    throw .schema("there is no service `\(name)`\(Self.hint(name, services))")
  }

  /// The method that `package.Service/Method` or `package.Service.Method` names.
  ///
  /// - Throws: `CallFailure.schema` that names what there is.
  public func method(
    named name: String
  ) throws(CallFailure) -> (SchemaCompiler.Service, SchemaCompiler.Method) {
    guard let parts = Self.split(name) else {
      throw .schema("`\(name)` names no method; write package.Service/Method")
    }
    let service = try service(named: parts.service)
    if let method = service.methods.first(where: { $0.name == parts.method }) {
      return (service, method)
    }
    throw .schema(
      "`\(service.fullName)` has no method `\(parts.method)`"
        + Self.hint(parts.method, service.methods.map(\.name)))
  }

  /// The declaration of whatever a full name stands for, as `.proto` text.
  ///
  /// - Throws: `CallFailure.schema` that names what there is.
  public func text(of symbol: String) throws(CallFailure) -> String {
    let name = Self.symbol(symbol)
    if let text = SchemaPrinter(schema).text(of: name) { return text }
    let known =
      services + schema.messageNames + schema.files.flatMap(\.allEnums).map(\.fullName)
    throw .schema("there is no `\(symbol)`\(Self.hint(name, known))")
  }

  /// A full name as schemas write it, without the dot in front or the slash of a method's path.
  public static func symbol(_ text: String) -> String {
    String(text.drop { $0 == "." || $0 == "/" }.map { $0 == "/" ? "." : $0 })
  }

  /// Service and method of a method's name; nil if it is none.
  public static func split(_ name: String) -> (service: String, method: String)? {
    let name = symbol(name)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
    let method = name[name.index(after: dot)...]
    return method.isEmpty ? nil : (String(name[..<dot]), String(method))
  }

  /// `; did you mean ...?`, or all that there is if that is little.
  static func hint(_ name: String, _ known: [String]) -> String {
    if let near = Suggestion.nearest(to: name, among: known) { return "; did you mean `\(near)`?" }
    let last = name.split(separator: ".").last ?? ""
    let same = known.filter { $0.split(separator: ".").last?.lowercased() == last.lowercased() }
    if let first = same.first { return "; did you mean `\(first)`?" }
    if known.isEmpty { return "" }
    let shown = known.prefix(12).joined(separator: ", ")
    return "; there is \(shown)\(known.count > 12 ? " and \(known.count - 12) more" : "")"
  }
}

extension SchemaCompiler.Method {
  /// The method as calls are made of it.
  func descriptor(of service: SchemaCompiler.Service) -> MethodDescriptor {
    let kind: MethodKind =
      switch (clientStreams, serverStreams) {
      case (false, false): .unary
      case (true, false): .clientStreaming
      case (false, true): .serverStreaming
      case (true, true): .bidirectional
      }
    let idempotency: Idempotency =
      switch options.enumValue("idempotency_level") {
      case "NO_SIDE_EFFECTS": .noSideEffects
      case "IDEMPOTENT": .idempotent
      default: .unknown
      }
    return MethodDescriptor(
      service: service.fullName, name: name, kind: kind, idempotency: idempotency)
  }
}
