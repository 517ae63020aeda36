public import Access
import Foundation
public import RPC
public import SchemaCompiler

/// What the contracts say of access, read a second time and in another way than `Access` does: from
/// the text of the schema files, and from the list in the comment of options.proto.
public struct ContractRules: Sendable {
  /// What a method's options state.
  public struct Rule: Sendable {
    /// The method.
    public var method: MethodDescriptor
    /// Who stands behind a call.
    public var audience = ""
    /// What that takes.
    public var permission = ""
    /// The field that names the organisation.
    public var organisationField = ""
    /// Whether a session must have been stepped up.
    public var needsStepUp = false
    /// Whether a person may call for what is their own.
    public var isForOwnToo = false
    /// Which services may call.
    public var callers: [String] = []
  }

  /// A row of the list: a permission, and the roles that grant it within their organisation and over
  /// the whole programme.
  public struct Grant: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Roles that grant it within their organisation.
    public var own: Set<Role> = []
    /// Roles that grant it everywhere.
    public var programme: Set<Role> = []
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Proto")

  /// What the contracts lack.
  public struct Fault: Error, CustomStringConvertible {
    /// What it is.
    public let description: String
  }

  /// The rules of all methods.
  public let rules: [Rule]
  /// The list of permissions.
  public let grants: [Grant]
  /// All contracts.
  public let schema: Schema
  /// All messages of the contracts.
  public let layouts: SchemaLayouts

  /// Reads the contracts of the repository.
  /// - Throws: `Fault` when a method declares no access, or something unknown.
  public init() throws {
    grants = try Self.readGrants()
    let paths = ["identity", "catalog", "payments", "onboarding", "operations", "gateway"].map {
      "sarai/\($0)/v1/\($0).proto"
    }
    let compilation = Compilation(paths, from: Files())
    guard let schema = compilation.schema else {
      throw Fault(description: "\(compilation.diagnostics)")
    }
    self.schema = schema
    layouts = SchemaLayouts(schema)
    rules = try schema.files.filter { paths.contains($0.path) }.flatMap(\.services).flatMap {
      service in
      let list = service.options["(sarai.options.v1.callers)"].last
      return try service.methods.map { try Self.rule($0, of: service, callers: list) }
    }
  }

  /// The schema files of the repository.
  public struct Files: SchemaSource {
    /// Those.
    public init() {}

    /// The bytes of a file.
    public func text(at path: String) -> [UInt8]? {
      (try? Data(contentsOf: ContractRules.folder.appending(path: path))).map { [UInt8]($0) }
    }
  }

  private static func rule(
    _ method: SchemaCompiler.Method, of service: SchemaCompiler.Service, callers: OptionValue?
  ) throws -> Rule {
    let kind: MethodKind =
      switch (method.clientStreams, method.serverStreams) {
      case (false, false): .unary
      case (true, false): .clientStreaming
      case (false, true): .serverStreaming
      case (true, true): .bidirectional
      }
    var rule = Rule(
      method: MethodDescriptor(service: service.fullName, name: method.name, kind: kind))
    guard case .message(let fields) = method.options["(sarai.options.v1.access)"].last else {
      throw Fault(description: "\(method.fullName) declares no access")
    }
    for field in fields {
      switch (field.name, field.value) {
      case ("audience", .enumeration(let name, _)): rule.audience = name
      case ("permission", .string(let text)): rule.permission = text
      case ("organisation_field", .string(let text)): rule.organisationField = text
      case ("step_up", .bool(let flag)): rule.needsStepUp = flag
      case ("or_own", .bool(let flag)): rule.isForOwnToo = flag
      case ("callers", .string(let text)): rule.callers.append(text)
      default: throw Fault(description: "\(method.fullName) declares \(field.name)")
      }
    }
    if rule.callers.isEmpty, case .message(let fields) = callers {
      rule.callers = fields.compactMap {
        if case .string(let text) = $0.value { text } else { nil }
      }
    }
    return rule
  }

  /// Rows of the form "- `name`   what for: roles; roles".
  private static func readGrants() throws -> [Grant] {
    let file = folder.appending(path: "sarai/options/v1/options.proto")
    let text = try String(contentsOf: file, encoding: .utf8)
    let list = text.split(separator: "Roles are `sarai.identity.v1.Role`.")[1]
      .split(separator: "message AccessRule")[0]
    var rows: [(section: Substring, name: Substring, text: String)] = []
    var section: Substring = ""
    for line in list.split(separator: "\n") where line.hasPrefix("// ") {
      let words = line.dropFirst(3).split(separator: " ")
      if words[0] == "-" {
        rows.append((section, words[1], words.dropFirst(2).joined(separator: " ")))
      } else if line.hasPrefix("//  ") {
        rows[rows.count - 1].text += " " + words.joined(separator: " ")
      } else {
        section = words[0]
      }
    }
    return try rows.map { row in
      let lists = row.text.split(separator: ":").last?.split(separator: ";") ?? []
      let roles = try lists.map { list in
        let names = list.split(separator: ",").map { $0.trimmingPrefix(" ") }
        if names == ["every role"] { return Set(Role.allCases) }
        return Set(
          try names.map { name in
            guard let role = Role(name: name) else { throw Fault(description: "role \(name)") }
            return role
          })
      }
      let isOfCompanies = row.section == "Company"
      return Grant(
        name: String(row.name.dropFirst().dropLast()), own: isOfCompanies ? roles[0] : [],
        programme: isOfCompanies ? (roles.count > 1 ? roles[1] : []) : roles[0])
    }
  }
}
