internal import IdentityContracts
internal import RPC
internal import RPCContracts
internal import ServiceKit
internal import WellKnownTypes
internal import Wire

/// Why identity refuses. Domain, stores and handlers throw it; `rpcError` is the one place that says
/// what a caller learns of it. What is wrong with fields is told by `FieldFaults`.
enum IdentityError: RPCErrorConvertible, Sendable, Hashable {
  /// A rule of the contract says no. `facts` are the metadata that the reason documents.
  case refused(
    Identity.ErrorReason, facts: FieldMap<String, String> = [:], retryAfter: Duration? = nil)
  /// No such resource, or none that the caller may see; which, by its message's name: "Person".
  case notFound(String)
  /// The resource changed since the caller read it.
  case versionMismatch
  /// A client-made id, or a key in the metadata, came with other content.
  case idReused
  /// Too much of a costly thing at once.
  case overloaded(retryAfter: Duration)
  /// A question about relations opens more of the graph than one may.
  case relationTooWide
  /// The state that an answer was to rest on is not here yet.
  case positionAhead
  /// This release does not have the method.
  case featureAbsent

  /// What the caller is told.
  var rpcError: RPCError {
    switch self {
    case .refused(let reason, let facts, let retryAfter):
      let (code, message) = Self.wording(of: reason)
      let name = Identity.ErrorReason.layout.name(of: reason.rawValue) ?? ""
      return RPCError(
        code, reason: String(name.dropFirst("ERROR_REASON_".count)), domain: "identity",
        metadata: facts, message, details: Self.retryInfo(retryAfter))
    case .notFound(let type):
      let resource = SaraiRPC.ResourceInfo(resourceType: "sarai.identity.v1.\(type)")
      return RPCError(
        .notFound, "there is no such \(type.lowercased()), or none that you may see",
        details: [RPCError.Detail(resource)].compactMap(\.self))
    case .versionMismatch:
      return RPCError(
        .aborted, reason: "VERSION_MISMATCH",
        "it has changed meanwhile: read it again, then repeat the change")
    case .idReused:
      return RPCError(
        .alreadyExists, reason: "ID_REUSED", "the id came before with other content: make a new one"
      )
    case .overloaded(let retryAfter):
      return RPCError(
        .unavailable, reason: "OVERLOADED", "too many passwords wait to be checked: try again soon",
        details: Self.retryInfo(retryAfter))
    case .relationTooWide:
      return RPCError(
        .resourceExhausted, reason: "OVERLOADED",
        "the question opens too many relations: ask about fewer or nearer ones")
    case .positionAhead:
      return RPCError(
        .unavailable, reason: "DEPENDENCY_DOWN",
        "the position is not reached here yet: ask again in a moment, or with 0")
    case .featureAbsent:
      return RPCError(
        .unimplemented, reason: "FEATURE_ABSENT", "this release does not have this method yet")
    }
  }

  private static func retryInfo(_ delay: Duration?) -> [RPCError.Detail] {
    let info = delay.map { SaraiRPC.RetryInfo(retryDelay: GoogleProtobuf.Duration($0)) }
    return [info.flatMap { RPCError.Detail($0) }].compactMap(\.self)
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
      (.failedPrecondition, "verify the contact first, by the code sent there")
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
