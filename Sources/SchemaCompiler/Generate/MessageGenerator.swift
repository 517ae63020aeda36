/// Writes the struct of one message type.
struct MessageGenerator {
  let message: MessageType
  let schema: Schema
  let scope: SwiftScope
  /// The namespace and the types around it.
  let outer: [String]

  private var name: String { scope.name(of: message.fullName) }
  private var inside: [String] { outer + [name] }

  func write(to writer: inout SwiftWriter) {
    let plan = properties()
    writer.comment(documentation(message.source, message.options, otherwise: message.fullName))
    writer.block("public struct \(name): Message") { writer in
      for property in plan { write(property, to: &writer) }
      writer.comment(["What a newer sender wrote and this schema does not know."])
      writer.line("public var unknownFields = UnknownFields()")
      writer.line()
      writer.comment(["The message without content."])
      writer.line("public init() {}")
      writeInitializer(plan, to: &writer)
      writeLayout(plan, to: &writer)
      writeNested(plan, to: &writer)
    }
  }

  // MARK: Properties

  /// A stored property: of one field, or of a oneof.
  struct Property {
    enum Content {
      case field(Field)
      case oneof(Oneof, type: String, members: [Field])
    }

    var name: String
    var type: String
    /// The default value, if it is not nil.
    var initial: String?
    var content: Content

    /// Whether the value stands behind a reference, because the message contains itself.
    var isIndirect: Bool {
      if case .field(let field) = content { field.isRecursive } else { false }
    }

    /// The property that holds the reference.
    var storage: String { "_" + name.filter { $0 != "`" } }
  }

  /// In order of declaration, a oneof at its first member.
  private func properties() -> [Property] {
    var names = UniqueNames()
    var seen: Set<Int> = []
    return message.fields.compactMap { field in
      guard let index = field.oneof else {
        return property(of: field, named: names.take(SwiftName.member(field.name), field.number))
      }
      guard seen.insert(index).inserted else { return nil }
      let oneof = message.oneofs[index]
      let type = SwiftScope.oneofType(oneof.name, in: message)
      return Property(
        name: names.take(SwiftName.member(oneof.name), field.number), type: "\(type)?",
        content: .oneof(
          oneof, type: type, members: message.fields.filter { $0.oneof == index }))
    }
  }

  private func property(of field: Field, named name: String) -> Property {
    let value = swiftType(field.type)
    switch field.cardinality {
    case .repeated:
      return Property(name: name, type: "[\(value)]", initial: "[]", content: .field(field))
    case .map(let key):
      let type = "FieldMap<\(swiftType(.scalar(key))), \(value)>"
      return Property(name: name, type: type, initial: "[:]", content: .field(field))
    case .optional, .required:
      return Property(name: name, type: "\(value)?", content: .field(field))
    case .singular:
      guard let initial = initialValue(field.type) else {
        return Property(name: name, type: "\(value)?", content: .field(field))
      }
      return Property(name: name, type: value, initial: initial, content: .field(field))
    }
  }

  private func swiftType(_ type: FieldType) -> String {
    switch type {
    case .scalar(let scalar): scalar.swiftType
    case .message(let name), .enumeration(let name): scope.reference(to: name, from: inside)
    }
  }

  /// The default of a field without presence; nil for messages, which have it always.
  private func initialValue(_ type: FieldType) -> String? {
    switch type {
    case .scalar(let scalar): return scalar.swiftDefault
    case .message: return nil
    case .enumeration(let name):
      guard let enumeration = schema.enumeration(named: name) else { return nil }
      return EnumGenerator(enumeration: enumeration, scope: scope).zeroReference
    }
  }

  private func write(_ property: Property, to writer: inout SwiftWriter) {
    switch property.content {
    case .field(let field):
      writer.comment(
        documentation(field.source, field.options, otherwise: "\(field.name) = \(field.number)"))
    case .oneof(let oneof, _, _):
      writer.comment(
        documentation(oneof.source, oneof.options, otherwise: "oneof \(oneof.name)"))
    }
    let initial = property.initial.map { " = \($0)" } ?? ""
    guard property.isIndirect else {
      return writer.line("public var \(property.name): \(property.type)\(initial)")
    }
    writer.block("public var \(property.name): \(property.type)") { writer in
      writer.line("get { \(property.storage).value }")
      writer.line("set { \(property.storage) = Indirect(newValue) }")
    }
    let bare = property.type.dropLast()
    writer.line("private var \(property.storage) = Indirect<\(bare)>(nil)")
  }

  private func writeInitializer(_ plan: [Property], to writer: inout SwiftWriter) {
    guard !plan.isEmpty else { return }
    writer.line()
    writer.comment(["A message of these fields."])
    let parameters = plan.map { property in
      "\(property.name): \(property.type) = \(property.initial ?? "nil")"
    }
    writer.list("public init(", parameters, closing: ") {")
    writer.indented { writer in
      for property in plan {
        let bare = property.name.filter { $0 != "`" }
        let target = property.isIndirect ? property.storage : bare
        let value = property.isIndirect ? "Indirect(\(property.name))" : property.name
        writer.line("self.\(target) = \(value)")
      }
    }
    writer.line("}")
  }

  private func writeNested(_ plan: [Property], to writer: inout SwiftWriter) {
    for property in plan {
      guard case .oneof(let oneof, let type, let members) = property.content else { continue }
      writer.line()
      writer.comment(
        documentation(oneof.source, oneof.options, otherwise: "oneof \(oneof.name)"))
      writer.block("public enum \(type): Sendable, Hashable") { writer in
        for (name, field) in cases(of: members) {
          writer.comment(
            documentation(
              field.source, field.options, otherwise: "\(field.name) = \(field.number)"))
          let keyword = field.isRecursive ? "indirect case" : "case"
          writer.line("\(keyword) \(name)(\(swiftType(field.type)))")
        }
      }
    }
    for nested in message.messages where !nested.isMapEntry {
      writer.line()
      MessageGenerator(message: nested, schema: schema, scope: scope, outer: inside)
        .write(to: &writer)
    }
    for enumeration in message.enums {
      writer.line()
      EnumGenerator(enumeration: enumeration, scope: scope).write(to: &writer)
    }
  }

  private func cases(of members: [Field]) -> [(name: String, field: Field)] {
    var names = UniqueNames()
    return members.map { (names.take(SwiftName.member($0.name), $0.number), $0) }
  }

  // MARK: Layout

  private func writeLayout(_ plan: [Property], to writer: inout SwiftWriter) {
    writer.line()
    writer.comment(["The fields, as the codecs see them."])
    let head = "public static let layout = MessageLayout("
    let arguments = ["Self.self", "\"\(message.fullName)\"", "unknown: \\.unknownFields"]
    writer.call(head, arguments, opening: plan.isEmpty ? " { _ in }" : " { fields in")
    guard !plan.isEmpty else { return }
    writer.indented { writer in
      for property in plan {
        switch property.content {
        case .field(let field): writeEntry(of: field, property, to: &writer)
        case .oneof(let oneof, _, let members):
          writeEntry(of: oneof, property, cases(of: members), to: &writer)
        }
      }
    }
    writer.line("}")
  }

  private func writeEntry(of field: Field, _ property: Property, to writer: inout SwiftWriter) {
    var items = heading(of: field)
    let path = property.isIndirect ? property.storage : property.name
    let call: String
    switch field.cardinality {
    case .repeated: call = "repeated"
    case .map: call = "map"
    case .optional, .required: call = property.isIndirect ? "indirect" : "optional"
    case .singular:
      if case .message = field.type {
        call = property.isIndirect ? "indirect" : "optional"
      } else {
        call = "singular"
      }
    }
    if case .map(let key) = field.cardinality { items.append(".\(key.rawValue)") }
    items.append(property.isIndirect ? "\(swiftType(field.type)).self" : builderType(field.type))
    items.append("\\.\(path)")
    if field.isRepeated, field.type.isPackable, !field.isPacked { items.append("packed: false") }
    if field.isSensitive { items.append("sensitive: true") }
    writer.call("fields.\(call)(", items)
  }

  private func writeEntry(
    of oneof: Oneof, _ property: Property, _ cases: [(name: String, field: Field)],
    to writer: inout SwiftWriter
  ) {
    writer.line("fields.oneof(")
    writer.indented { writer in
      writer.line("\"\(oneof.name)\", \\.\(property.name),")
      writer.line("{")
      writer.indented { writer in
        writer.line("switch $0 {")
        for (name, field) in cases { writer.line("case .\(name): \(field.number)") }
        writer.line("}")
      }
      writer.line("}")
    }
    writer.line(") { members in")
    writer.indented { writer in
      for (name, field) in cases {
        var items = heading(of: field)
        items.append(builderType(field.type))
        items.append("{ .\(name)($0) }")
        items.append("{ if case .\(name)(let value) = $0 { value } else { nil } }")
        if field.isSensitive { items.append("sensitive: true") }
        writer.call("members.member(", items)
      }
    }
    writer.line("}")
  }

  /// Number, name and what JSON calls it if that is not the usual.
  private func heading(of field: Field) -> [String] {
    var items = ["\(field.number)", "\"\(field.name)\""]
    if field.jsonName != field.defaultJSONName {
      items.append("json: \(SwiftLiteral.string(field.jsonName))")
    }
    return items
  }

  private func builderType(_ type: FieldType) -> String {
    switch type {
    case .scalar(let scalar): ".\(scalar.rawValue)"
    case .message: ".message(\(swiftType(type)).self)"
    case .enumeration: ".enum(\(swiftType(type)).self)"
    }
  }

  // MARK: Comments

  private func documentation(
    _ source: SourceInfo, _ options: Options, otherwise: String
  ) -> [String] {
    SwiftComment.lines(source, options, otherwise: "`\(otherwise)`")
  }
}
