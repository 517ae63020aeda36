/// What generated Swift calls the types of a schema, seen from one file.
struct SwiftScope {
  /// Where a type lives.
  struct Place: Sendable {
    /// The file that declares it.
    var file: String
    /// The outermost name, empty for none.
    var namespace: String
    /// Outer types and the type itself.
    var path: [String]
  }

  private var places: [String: Place] = [:]
  /// The names declared directly inside each Swift type, by its path from the namespace.
  private var members: [[String]: Set<String>] = [:]
  private let modules: ModuleMap

  init(_ schema: Schema, modules: ModuleMap) {
    self.modules = modules
    for file in schema.files {
      let namespace = Self.namespace(of: file)
      let outer = namespace.isEmpty ? [] : [namespace]
      for message in file.messages { add(message, [], outer, file.path) }
      for enumeration in file.enums { add(enumeration, [], outer, file.path) }
    }
  }

  /// The name under which a file's types stand; empty without one.
  static func namespace(of file: SchemaFile) -> String {
    file.options.string("swift_prefix") ?? SwiftName.namespace(file.package)
  }

  private mutating func add(
    _ message: MessageType, _ path: [String], _ outer: [String], _ file: String
  ) {
    guard !message.isMapEntry else { return }
    let name = SwiftName.type(message.name, suffix: "Message")
    let own = path + [name]
    places[message.fullName] = Place(file: file, namespace: outer.first ?? "", path: own)
    members[outer + path, default: []].insert(name)
    for nested in message.messages { add(nested, own, outer, file) }
    for enumeration in message.enums { add(enumeration, own, outer, file) }
    for oneof in message.oneofs {
      members[outer + own, default: []].insert(Self.oneofType(oneof.name, in: message))
    }
  }

  private mutating func add(
    _ enumeration: EnumType, _ path: [String], _ outer: [String], _ file: String
  ) {
    let name = SwiftName.type(enumeration.name, suffix: "Enum")
    places[enumeration.fullName] = Place(
      file: file, namespace: outer.first ?? "", path: path + [name])
    members[outer + path, default: []].insert(name)
  }

  /// The enum of a oneof: its name capitalised, told apart from types declared beside it.
  static func oneofType(_ oneof: String, in message: MessageType) -> String {
    let name = SwiftName.type(SwiftName.upperCamel(oneof), suffix: "Oneof")
    let taken = message.messages.map(\.name) + message.enums.map(\.name) + [message.name]
    return taken.contains(name) ? "\(name)Oneof" : name
  }

  /// The last part of a type's Swift name.
  func name(of fullName: String) -> String { places[fullName]?.path.last ?? fullName }

  /// The module that has a type, unless it is the one being generated.
  func module(of fullName: String) -> String? {
    places[fullName].flatMap { modules.module(of: $0.file) }
  }

  /// The namespace of a type; nil for none.
  func namespace(of fullName: String) -> String? {
    places[fullName].flatMap { $0.namespace.isEmpty ? nil : $0.namespace }
  }

  /// The full Swift name of the type called `name` that code inside `inside` sees first.
  func nearest(_ name: String, from inside: [String]) -> String? {
    for count in stride(from: inside.count, through: 1, by: -1) {
      let path = Array(inside.prefix(count))
      if members[path]?.contains(name) ?? false { return (path + [name]).joined(separator: ".") }
    }
    return nil
  }

  /// How code inside `scope` (namespace and types around it) names a type.
  func reference(to fullName: String, from scope: [String]) -> String {
    guard let place = places[fullName] else { return fullName }
    let full = (place.namespace.isEmpty ? [] : [place.namespace]) + place.path
    if modules.module(of: place.file) == nil, let namespace = scope.first,
      namespace == place.namespace
    {
      return relative(place.path, scope: scope)
    }
    return full.joined(separator: ".")
  }

  /// Shortens a path from the namespace as far as no nearer type has the same first name.
  private func relative(_ path: [String], scope: [String]) -> String {
    let inner = Array(scope.dropFirst())
    var common = 0
    while common < inner.count, common < path.count - 1, inner[common] == path[common] {
      common += 1
    }
    for start in stride(from: common, through: 0, by: -1) {
      let first = path[start]
      let nearer = (start + 1..<max(start + 1, inner.count + 1)).contains { count in
        members[[scope[0]] + inner.prefix(count)]?.contains(first) ?? false
      }
      if !nearer { return path[start...].joined(separator: ".") }
    }
    return ([scope[0]] + path).joined(separator: ".")
  }
}

/// Which module has the Swift of which schema files.
public struct ModuleMap: Sendable {
  private let prefixes: [(prefix: String, module: String)]
  private let generated: Set<String>

  /// - Parameters:
  ///   - prefixes: modules by the beginning of schema paths; the longest that fits counts.
  ///   - generated: the files being generated, which need no import.
  public init(_ prefixes: [String: String], generated: [String]) {
    self.prefixes = prefixes.map { ($0.key, $0.value) }.sorted {
      ($0.prefix.utf8.count, $0.prefix) > ($1.prefix.utf8.count, $1.prefix)
    }
    self.generated = Set(generated)
  }

  /// The module to import for the types of a schema file; nil for those of the own module.
  public func module(of file: String) -> String? {
    guard !generated.contains(file) else { return nil }
    if let found = prefixes.first(where: { file.hasPrefix($0.prefix) }) { return found.module }
    return file.hasPrefix("google/protobuf/") ? "WellKnownTypes" : nil
  }
}
