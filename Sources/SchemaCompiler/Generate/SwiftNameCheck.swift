/// Finds names that a schema may have and Swift may not: one pass over each scope of the Swift that
/// would be generated.
///
/// Where the generator can rename, it does, and nothing is said; types keep their names, which
/// other packages use, so clashes among them are for the schema's author to solve.
struct SwiftNameCheck {
  private let schema: Schema
  private let scope: SwiftScope
  private var diagnostics = DiagnosticList()
  /// What has a name, by scope and name.
  private var taken: [[String]: [String: (what: String, place: SourceLocation)]] = [:]

  /// The faults of the Swift of `files`.
  static func faults(
    of files: [SchemaFile], in schema: Schema, _ scope: SwiftScope
  ) -> [Diagnostic] {
    var check = SwiftNameCheck(schema: schema, scope: scope)
    check.checkFileNames(files)
    for file in files where file.version == .proto3 { check.check(file) }
    return check.diagnostics.all
  }

  private init(schema: Schema, scope: SwiftScope) {
    self.schema = schema
    self.scope = scope
    diagnostics.isParsing = false
  }

  private mutating func checkFileNames(_ files: [SchemaFile]) {
    var paths: [String: String] = [:]
    for file in files {
      let name = SwiftGenerator.fileName(for: file.path)
      if let other = paths.updateValue(file.path, forKey: name) {
        diagnostics.error(
          SourceLocation(file: file.path, line: 1, column: 1),
          "the Swift file `\(name)` is that of `\(other)` already", hint: "Rename one of them.")
      }
    }
  }

  // MARK: Scopes

  private mutating func check(_ file: SchemaFile) {
    let namespace = SwiftScope.namespace(of: file)
    let place = (file.packageSource ?? file.source).location
    guard namespace.isEmpty || SwiftName.canName(namespace: namespace) else {
      diagnostics.error(
        place, "`\(namespace)` cannot be the Swift name of a package",
        hint: "Set `option swift_prefix` to a name of letters and digits that Swift does not use.")
      return
    }
    let outer = namespace.isEmpty ? [] : [namespace]
    for message in file.messages { check(message, in: outer) }
    for enumeration in file.enums { take(enumeration.fullName, in: outer, enumeration.source) }
    for service in file.services { check(service, in: outer) }
  }

  private mutating func check(_ message: MessageType, in outer: [String]) {
    guard !message.isMapEntry else { return }
    take(message.fullName, in: outer, message.source)
    let inside = outer + [scope.name(of: message.fullName)]
    for nested in message.messages { check(nested, in: inside) }
    for enumeration in message.enums { take(enumeration.fullName, in: inside, enumeration.source) }
    for (index, oneof) in message.oneofs.enumerated()
    where message.fields.contains(where: { $0.oneof == index }) {
      let name = SwiftScope.oneofType(oneof.name, in: message)
      take(name, "the oneof `\(oneof.name)`", in: inside, oneof.source)
    }
    for field in message.fields {
      switch field.type {
      case .message(let type), .enumeration(let type):
        checkReach(type, from: inside, field.source)
      case .scalar: break
      }
    }
  }

  private mutating func check(_ service: Service, in outer: [String]) {
    let name = SwiftName.type(service.name, suffix: "Service")
    for suffix in ["", "Methods", "Client"] {
      take(name + suffix, "the service `\(service.fullName)`", in: outer, service.source)
    }
    for method in service.methods {
      for type in [method.input, method.output] { checkReach(type, from: outer, method.source) }
    }
  }

  // MARK: Names

  private mutating func take(_ type: String, in scope: [String], _ source: SourceInfo) {
    take(self.scope.name(of: type), "`\(type)`", in: scope, source)
  }

  private mutating func take(
    _ name: String, _ what: String, in scope: [String], _ source: SourceInfo
  ) {
    guard let old = taken[scope]?[name] else {
      taken[scope, default: [:]][name] = (what, source.location)
      return
    }
    let earlier = "\(old.place.file):\(old.place.line)"
    diagnostics.error(
      source.location, "in Swift \(what) would be `\(name)`, which is \(old.what) (\(earlier))",
      hint: "Rename one of them.")
  }

  /// A type nearer by that is called like another package's namespace would be taken for it.
  private mutating func checkReach(_ type: String, from inside: [String], _ source: SourceInfo) {
    guard let namespace = scope.namespace(of: type), namespace != inside.first,
      let hiding = scope.nearest(namespace, from: inside)
    else { return }
    diagnostics.error(
      source.location,
      "Swift would look for `\(type)` inside `\(hiding)`, which is called like its package's name",
      hint: "Rename that type, or give one of the packages another `option swift_prefix`.")
  }
}
