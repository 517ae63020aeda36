internal import IdentityContracts
internal import RPC
internal import RPCContracts
internal import WellKnownTypes
internal import Wire

/// Why identity refuses. Domain, stores and handlers throw it; `rpcError` is the one place that says
/// what a caller learns of it.
enum IdentityError: RPCErrorConvertible, Sendable, Hashable {
  /// A rule of the contract says no. `facts` are the metadata that the reason documents.
  case refused(Identity.ErrorReason, facts: [String: String] = [:], retryAfter: Duration? = nil)
  /// Fields of the request are wrong, all of them at once.
  case fieldsInvalid([FieldFault])
  /// No such resource, or none that the caller may see; which, by its message's name: "Person".
  case notFound(String)
  /// The resource changed since the caller read it.
  case versionMismatch
  /// The page cursor is not one of this list.
  case cursorInvalid
  /// A client-made id came with other content.
  case idReused
  /// Too much of a costly thing at once.
  case overloaded(retryAfter: Duration)
  /// This release does not have the method.
  case featureAbsent

  /// One field is wrong.
  static func fieldInvalid(_ field: String, _ reason: String, _ explanation: String) -> Self {
    .fieldsInvalid([FieldFault(field, reason, explanation)])
  }

  /// What the caller is told.
  var rpcError: RPCError {
    switch self {
    case .refused(let reason, let facts, let retryAfter):
      let (code, message) = Self.wording(of: reason)
      let name = Identity.ErrorReason.layout.name(of: reason.rawValue) ?? ""
      return RPCError(code, message)
        .because(String(name.dropFirst("ERROR_REASON_".count)), "identity", facts)
        .adding(retryAfter)
    case .fieldsInvalid(let faults):
      let violations = faults.prefix(100).map {
        SaraiRPC.FieldViolation(field: $0.field, reason: $0.reason, explanation: $0.explanation)
      }
      let first = faults.first.map { "\($0.field): \($0.explanation)" } ?? "a field is wrong"
      return RPCError(.invalidArgument, first).because("FIELD_INVALID")
        .adding(SaraiRPC.FieldViolations(violations: violations))
    case .notFound(let type):
      return RPCError(.notFound, "there is no such \(type.lowercased()), or none that you may see")
        .adding(SaraiRPC.ResourceInfo(resourceType: "sarai.identity.v1.\(type)"))
    case .versionMismatch:
      return RPCError(.aborted, "it has changed meanwhile: read it again, then repeat the change")
        .because("VERSION_MISMATCH")
    case .cursorInvalid:
      return RPCError(
        .invalidArgument, "the cursor is not one of this list: begin with the first page"
      )
      .because("CURSOR_INVALID")
    case .idReused:
      return RPCError(.alreadyExists, "the id came before with other content: make a new one")
        .because("ID_REUSED")
    case .overloaded(let retryAfter):
      return RPCError(.unavailable, "too many sign-ins wait: try again in a moment")
        .because("OVERLOADED").adding(retryAfter)
    case .featureAbsent:
      return RPCError(.unimplemented, "this release does not have this method")
        .because("FEATURE_ABSENT")
    }
  }

  // MARK: The contract's reasons

  private static func wording(of reason: Identity.ErrorReason) -> (RPCCode, String) {
    switch reason {
    case .codeWrong: (.failedPrecondition, "the code is wrong: look again, or ask for a new one")
    case .codeExpired: (.failedPrecondition, "the code is too old: ask for a new one")
    case .codeSpent: (.failedPrecondition, "five wrong tries: ask for a new code")
    case .codeTooSoon:
      (.resourceExhausted, "a code was sent a moment ago: look there, or wait before the next")
    case .contactLast: (.failedPrecondition, "the last verified contact stays: add another first")
    case .contactUnverified:
      (.failedPrecondition, "verify the contact first, by the code sent to it")
    case .passwordWrong: (.failedPrecondition, "the present password is wrong")
    case .passwordWeak:
      (
        .invalidArgument,
        "the password is too easy to guess: take 15 characters or more (8 with a second factor),"
          + " and none that others use"
      )
    case .credentialsWrong: (.unauthenticated, "contact and password do not fit")
    case .lockedOut: (.resourceExhausted, "too many failures: wait before the next try")
    case .factorWrong: (.unauthenticated, "the code is wrong, or was used already")
    case .factorNeeded: (.failedPrecondition, "a second factor is demanded: add or give one")
    case .challengeExpired: (.failedPrecondition, "this sign-in is over: begin again")
    case .passkeyInvalid: (.invalidArgument, "the passkey's answer does not verify")
    case .refreshReused:
      (.unauthenticated, "the refresh token came twice, so its session was ended: sign in again")
    case .sessionEnded: (.unauthenticated, "the session is over: sign in again")
    case .tokenSpent: (.failedPrecondition, "the one-time token was used or is wrong")
    case .ownerLast:
      (.failedPrecondition, "a company keeps one owner: transfer the ownership first")
    case .roleTooHigh:
      (.failedPrecondition, "you cannot give this role, or not in this kind of organisation")
    case .memberMissing: (.failedPrecondition, "the person is not a member: invite them first")
    case .invitationClosed:
      (.failedPrecondition, "the invitation is answered, revoked or over: ask for a new one")
    case .organisationBusy:
      (.failedPrecondition, "orders, money or applications are open: finish them first")
    case .organisationSuspended: (.failedPrecondition, "the organisation is barred")
    case .profileLocked:
      (.failedPrecondition, "verified facts change through a new case: create one")
    case .relationUnknown: (.invalidArgument, "there is no such kind of object or relation")
    case .relationCondition: (.failedPrecondition, "a tuple that had to exist does not")
    case .nameTaken: (.alreadyExists, "the name is in use: take another")
    case .clientWrong: (.unauthenticated, "the OAuth client or its secret is wrong")
    case .redirectMismatch: (.invalidArgument, "the redirect URI is not registered")
    case .pkceMissing: (.invalidArgument, "send a code challenge with S256")
    case .scopeUnknown: (.invalidArgument, "there is no such scope, or it is not the client's")
    case .grantSpent: (.failedPrecondition, "the code was used or is over: authorize again")
    case .caseOpen: (.failedPrecondition, "the company has an open case: go on with that one")
    case .caseState: (.failedPrecondition, "the case's state does not allow it: read it again")
    case .caseIncomplete: (.failedPrecondition, "facts or documents are missing: add them first")
    case .documentRefused: (.invalidArgument, "the type or size of the document is not allowed")
    case .documentUnreviewed: (.failedPrecondition, "every document needs a finding first")
    case .samePerson: (.failedPrecondition, "a second, different person must confirm")
    case .erasureDone: (.failedPrecondition, "the erasure has taken effect")
    case .positionLost: (.outOfRange, "the position is no longer kept: begin from 0")
    default: (.internal, "the service failed; the cause is in its log")
    }
  }
}

/// What is wrong with one field of a request.
struct FieldFault: Sendable, Hashable {
  /// Its path in proto names: "person.display_name".
  let field: String
  /// What kind of fault: "REQUIRED", "TOO_LONG".
  let reason: String
  /// What is wrong and what would be right.
  let explanation: String

  init(_ field: String, _ reason: String, _ explanation: String) {
    self.field = field
    self.reason = reason
    self.explanation = explanation
  }
}

extension RPCError {
  /// The same with its reason for programs.
  fileprivate func because(
    _ reason: String, _ domain: String = "rpc", _ facts: [String: String] = [:]
  ) -> RPCError {
    var metadata = FieldMap<String, String>()
    for (key, value) in facts { metadata[key] = value }
    return adding(SaraiRPC.ErrorInfo(reason: reason, domain: domain, metadata: metadata))
  }

  /// The same with word of when to try again.
  fileprivate func adding(_ retryAfter: Duration?) -> RPCError {
    guard let retryAfter else { return self }
    return adding(SaraiRPC.RetryInfo(retryDelay: GoogleProtobuf.Duration(retryAfter)))
  }

  fileprivate func adding(_ detail: some Message) -> RPCError {
    guard let bytes = try? detail.encoded(as: .protobuf) else { return self }
    var error = self
    error.details.append(
      Detail(typeURL: "type.googleapis.com/\(type(of: detail).layout.name)", value: bytes))
    return error
  }
}
