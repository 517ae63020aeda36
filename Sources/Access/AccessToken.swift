public import Cryptography
public import Platform

/// What a caller presents: a JSON Web Token for access (RFC 9068), signed with Ed25519 (RFC 8037).
///
/// The header is exactly `alg`, `kid` and `typ`. The claims are `iss`, `aud`, `sub`, `client_id`,
/// `iat`, `nbf`, `exp` and `jti`; of a person also `sid`, `acr`, `auth_time` and, once stepped up,
/// `step_up_at`; `org` when it acts for an organisation, with the person's `roles` there. An API key's
/// token has `sub` and `client_id` alike and its permissions in `scope`. Roles travel, not the
/// permissions that they grant, so that tokens stay short and the table stays in one place.
public struct AccessToken: Sendable, Hashable {
  /// Who signs tokens for whom: the claims `iss` and `aud`.
  public struct Realm: Sendable, Hashable {
    /// The issuer.
    public var issuer: String
    /// The services that take its tokens.
    public var audience: String

    /// A realm.
    ///
    /// - Parameter issuer: printable ASCII without quotes, as an HTTPS URL is.
    public init(issuer: String, audience: String = "sarai") {
      precondition(
        (issuer + audience).utf8.allSatisfy {
          (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C
        },
        "issuer and audience are printable ASCII without quotes")
      self.issuer = issuer
      self.audience = audience
    }
  }

  /// How well the person has proved who they are: the claim `acr`.
  public enum Assurance: String, Sendable, Hashable {
    /// By a password; the person needs no more.
    case password = "pwd"
    /// By a second factor, too.
    case twoFactors = "mfa"
    /// By a password, where a role demands more: good for adding a second factor only.
    case enrolment = "enrol"
  }

  /// Whose token it is.
  public enum Subject: Sendable, Hashable {
    /// A person's, in a session.
    case person(UUID, session: UUID, assurance: Assurance, signedInAt: Duration)
    /// An API key's.
    case apiKey(UUID, permissions: Set<Permission>)
  }

  /// Whose token it is.
  public var subject: Subject
  /// Whom it acts for; nil for a person who acts for themselves.
  public var organisation: UUID?
  /// The person's roles in that organisation.
  public var roles: Set<Role>
  /// When the session was last stepped up; nil if never.
  public var steppedUpAt: Duration?
  /// The token's own id.
  public var id: UUID
  /// When it was made, in whole seconds since 1970.
  public var issuedAt: Duration
  /// When it ends, in whole seconds since 1970.
  public var expiresAt: Duration

  /// How long a token lives (identity.proto, `TokenPair`).
  public static let lifetime: Duration = .seconds(600)
  /// How long a token may live at most to be taken at all.
  static let lifetimeMax: Duration = .seconds(3_600)
  /// How many bytes a token may have: several times what all roles and permissions take.
  static let byteCountMax = 4_096
  static let type = "at+jwt"

  /// A token that is made at an instant.
  public init(
    _ subject: Subject, organisation: UUID? = nil, roles: Set<Role> = [],
    steppedUpAt: Duration? = nil, id: UUID, at now: Duration, lifetime: Duration = Self.lifetime
  ) {
    self.subject = subject
    self.organisation = organisation
    self.roles = roles
    self.steppedUpAt = steppedUpAt.map { .seconds($0.components.seconds) }
    self.id = id
    issuedAt = .seconds(now.components.seconds)
    expiresAt = .seconds((now + lifetime).components.seconds)
  }

  // MARK: Writing

  /// The token's text.
  ///
  /// - Parameter keyID: the name under which the key's public half is published.
  public func signed(by key: SigningKey, named keyID: UUID, in realm: Realm) -> String {
    let header = FlatJSON.text([
      ("alg", .text("EdDSA")), ("kid", .text("\(keyID)")), ("typ", .text(Self.type)),
    ])
    let body =
      Base64URL.text(header.utf8) + "." + Base64URL.text(FlatJSON.text(claims(realm)).utf8)
    return body + "." + Base64URL.text(key.sign(Array(body.utf8)))
  }

  private func claims(_ realm: Realm) -> [(String, FlatJSON.Value)] {
    var claims: [(String, FlatJSON.Value)] = [
      ("iss", .text(realm.issuer)), ("aud", .text(realm.audience)),
    ]
    switch subject {
    case .person(let person, let session, let assurance, let signedInAt):
      claims += [
        ("sub", .text("\(person)")), ("client_id", .text(realm.audience)),
        ("sid", .text("\(session)")), ("acr", .text(assurance.rawValue)),
        ("auth_time", .number(signedInAt.components.seconds)),
      ]
    case .apiKey(let key, let permissions):
      let scope = permissions.map(\.description).sorted().joined(separator: " ")
      claims += [
        ("sub", .text("\(key)")), ("client_id", .text("\(key)")), ("scope", .text(scope)),
      ]
    }
    if let steppedUpAt { claims.append(("step_up_at", .number(steppedUpAt.components.seconds))) }
    if let organisation {
      claims.append(("org", .text("\(organisation)")))
      let names = roles.sorted { $0.rawValue < $1.rawValue }.map(\.name)
      if !names.isEmpty { claims.append(("roles", .texts(names))) }
    }
    let issued = issuedAt.components.seconds
    claims += [
      ("iat", .number(issued)), ("nbf", .number(issued)),
      ("exp", .number(expiresAt.components.seconds)), ("jti", .text("\(id)")),
    ]
    return claims
  }

  /// The caller who presents it.
  public func caller(via serviceName: String? = nil) -> Caller {
    switch subject {
    case .person(let person, let session, _, _):
      .person(
        person, session: session, organisation: organisation, roles: roles,
        steppedUpAt: steppedUpAt, via: serviceName)
    case .apiKey(let key, let permissions):
      // `AccessToken+Reading` takes no key's token without an organisation.
      .apiKey(
        key, organisation: organisation ?? .null, permissions: permissions, via: serviceName)
    }
  }
}
