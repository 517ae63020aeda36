public import RPC
internal import TypeContracts
internal import Wire

/// Who may call which method: the access rules of a schema (options.proto), read once at start.
public struct AccessPolicy: Sendable {
  /// The rule of one method.
  public struct Rule: Sendable, Hashable {
    /// Who stands behind a call.
    public enum Audience: Sendable, Hashable {
      /// Anyone, with a token or without.
      case anyone
      /// A person who has signed in, for what is their own.
      case person
      /// Whoever holds the permission.
      case permission(Permission)
      /// Services among themselves; no token is looked at.
      case service
    }

    /// The peers that may call.
    public let callers: Set<String>
    /// Who stands behind the call.
    public let audience: Audience
    /// The request's field that names the organisation in which the permission must hold; nil when
    /// the handler finds the owner.
    public let organisationField: String?
    /// Whether a person needs no permission for what is their own.
    public let isForOwnToo: Bool
    /// Whether a session must have been stepped up in the last 5 minutes.
    public let needsStepUp: Bool
    /// Whether any peer may call, known or not: for health and reflection, which tell no one's data.
    let isOpen: Bool
  }

  private var rules: [String: Rule] = [:]

  /// Services of other schemas that state no rules: anyone whom the listener lets in may call them.
  private static let openServices: Set = [
    "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
  ]
  private static let open = Rule(
    callers: [], audience: .anyone, organisationField: nil, isForOwnToo: false,
    needsStepUp: false, isOpen: true)

  /// Reads the rules of all methods of some schemas.
  ///
  /// - Parameter descriptorSets: a `google.protobuf.FileDescriptorSet` each; they may overlap.
  /// - Throws: `AccessPolicyError` with all that is wrong.
  public init(_ descriptorSets: [[UInt8]]) throws(AccessPolicyError) {
    var faults: [String] = []
    for set in descriptorSets {
      let files: [Described.File]
      do throws(WireError) {
        files = try Described.FileSet(decoding: set, as: .protobuf).files
      } catch {
        throw AccessPolicyError(faults: ["the descriptor set is not readable: \(error)"])
      }
      for file in files {
        for service in file.services {
          for method in service.methods {
            let name = "\(file.package).\(service.name)/\(method.name)"
            do throws(AccessPolicyError) {
              rules["/" + name] = try Rule(service, method)
            } catch {
              faults += error.faults.map { "\(name) \($0)" }
            }
          }
        }
      }
    }
    if !faults.isEmpty { throw AccessPolicyError(faults: faults) }
  }

  /// Refuses a router that serves a method without a rule; to be called before a service starts.
  public func check(_ router: Router) throws(AccessPolicyError) {
    let bare = router.methods.filter { self[$0] == nil }
    guard bare.isEmpty else {
      throw AccessPolicyError(faults: bare.map { "\($0.path) has no access rule in the schema" })
    }
  }

  /// A method's rule; nil if there is none, and then nobody may call it.
  public subscript(method: MethodDescriptor) -> Rule? {
    rules[method.path] ?? (Self.openServices.contains(method.service) ? Self.open : nil)
  }
}

/// What is wrong with the access rules of a schema.
public struct AccessPolicyError: Error, CustomStringConvertible {
  /// One for each method.
  public let faults: [String]

  /// All of them, in lines.
  public var description: String { faults.joined(separator: "\n") }
}

extension AccessPolicy.Rule {
  fileprivate init(
    _ service: Described.ServiceType, _ method: Described.MethodType
  ) throws(AccessPolicyError) {
    guard let rule = method.options?.access else {
      throw AccessPolicyError(faults: ["has no access rule"])
    }
    var faults: [String] = []
    callers = Set(rule.callers.isEmpty ? service.options?.callers?.services ?? [] : rule.callers)
    if callers.isEmpty { faults.append("names no callers") }
    switch rule.audience {
    case .anyone: audience = .anyone
    case .person: audience = .person
    case .service: audience = .service
    case .permission:
      if let permission = Permission(name: rule.permission) {
        audience = .permission(permission)
      } else {
        audience = .service
        faults.append("demands `\(rule.permission)`, which is no permission")
      }
    default:
      audience = .service
      faults.append("names no audience")
    }
    organisationField = rule.organisationField.isEmpty ? nil : rule.organisationField
    isForOwnToo = rule.orOwn
    needsStepUp = rule.stepUp
    isOpen = false
    if !faults.isEmpty { throw AccessPolicyError(faults: faults) }
  }
}
