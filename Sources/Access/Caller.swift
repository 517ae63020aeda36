public import Platform
public import RPC

/// Who stands behind a call, and what they may do. The access interceptor puts one into the context
/// of every call: `context[Caller.self]`.
public struct Caller: Sendable, Hashable {
  /// What kind of caller.
  public enum Kind: Sendable, Hashable {
    /// Nobody has signed in.
    case anonymous
    /// A person with an access token.
    case person
    /// A program with the token of an API key.
    case apiKey
    /// A service that acts for itself; the caller list alone binds it.
    case service
    /// The gateway or the operator without a token, on a method that asks for none.
    case certificate
  }

  /// What kind of caller.
  public let kind: Kind
  /// The peer's name as its certificate bears it: "gateway", "operator"…; nil without one.
  public private(set) var serviceName: String?
  /// The person; nil for all other kinds.
  public private(set) var personID: UUID?
  /// The person's session.
  public private(set) var sessionID: UUID?
  /// Whom the token acts for; nil for a person who acts for themselves.
  public private(set) var organisationID: UUID?
  /// The person's roles in that organisation.
  public private(set) var roles: Set<Role> = []
  /// The key; nil for all other kinds.
  public private(set) var apiKeyID: UUID?
  /// When the session was last stepped up, since 1970; nil if never.
  public private(set) var steppedUpAt: Duration?
  /// What the method that is called demands; nil if it demands no permission.
  var demanded: Permission?
  private var rights = Rights(roles: [])

  private init(_ kind: Kind, _ serviceName: String?) {
    self.kind = kind
    self.serviceName = serviceName
  }

  /// Nobody in particular.
  public static func anonymous(via serviceName: String? = nil) -> Caller {
    Caller(.anonymous, serviceName)
  }

  /// A person who has signed in.
  public static func person(
    _ id: UUID, session: UUID, organisation: UUID? = nil, roles: Set<Role> = [],
    steppedUpAt: Duration? = nil, via serviceName: String? = nil
  ) -> Caller {
    var caller = Caller(.person, serviceName)
    caller.personID = id
    caller.sessionID = session
    caller.organisationID = organisation
    caller.roles = roles
    caller.steppedUpAt = steppedUpAt
    caller.rights = Rights(roles: roles)
    return caller
  }

  /// A program with a key of an organisation.
  public static func apiKey(
    _ id: UUID, organisation: UUID, permissions: Set<Permission>, via serviceName: String? = nil
  ) -> Caller {
    var caller = Caller(.apiKey, serviceName)
    caller.apiKeyID = id
    caller.organisationID = organisation
    caller.rights = Rights(granted: permissions)
    return caller
  }

  /// A service for itself.
  public static func service(_ name: String) -> Caller { Caller(.service, name) }

  /// The gateway or the operator, where no token is asked for.
  public static func certificate(_ name: String) -> Caller { Caller(.certificate, name) }

  // MARK: Rights

  /// Whether the caller has a right in an organisation or, with nil, over the whole programme.
  public func holds(_ permission: Permission, in organisation: UUID?) -> Bool {
    if kind == .service || rights.programme.contains(permission) { return true }
    guard let organisation, organisation == organisationID else { return false }
    return rights.own.contains(permission)
  }

  /// Whether the caller has a right at all: in the organisation that it acts for, or everywhere.
  public func holds(_ permission: Permission) -> Bool { holds(permission, in: organisationID) }

  /// Whether a right is the caller's over the whole programme.
  public func holdsEverywhere(_ permission: Permission) -> Bool { holds(permission, in: nil) }

  /// Refuses a caller without a right, for what a method demands beyond its declaration.
  /// - Throws: `permissionDenied` (PERMISSION_MISSING).
  public func require(_ permission: Permission, in organisation: UUID?) throws(RPCError) {
    guard holds(permission, in: organisation) else {
      throw AccessError.permissionMissing(permission).rpcError
    }
  }

  /// Lets pass who may see what an organisation owns: whoever acts for it with the permission that the
  /// called method demands, whoever holds that over the whole programme, and services. Every handler
  /// that finds a resource by its id asks this.
  ///
  /// - Parameters:
  ///   - owner: the organisation that owns the resource; nil if none does.
  ///   - person: the person whose own it is, where things may be a person's (`or_own`).
  /// - Throws: `notFound`, in the words for an id that does not exist, so that ids cannot be probed;
  ///   `permissionDenied` within the caller's own organisation.
  public func requireOwner(of owner: UUID?, or person: UUID? = nil) throws(RPCError) {
    if kind == .service || person != nil && person == personID { return }
    if let demanded, rights.programme.contains(demanded) { return }
    guard let owner, owner == organisationID else { throw AccessError.notFound.rpcError }
    if let demanded { try require(demanded, in: owner) }
  }

  /// Lets pass the person whose own resource it is, and services.
  /// - Throws: `notFound`, as for an id that does not exist.
  public func requirePerson(_ owner: UUID) throws(RPCError) {
    guard kind == .service || personID == owner else { throw AccessError.notFound.rpcError }
  }

  /// The same caller, at a method that demands a permission.
  public func demanding(_ permission: Permission?) -> Caller {
    var caller = self
    caller.demanded = permission
    return caller
  }

  /// The same caller, through a peer.
  func through(_ serviceName: String) -> Caller {
    var caller = self
    caller.serviceName = serviceName
    return caller
  }
}
