/// The reasons for a failure that every service shares: `sarai.rpc.v1.ErrorInfo` of the domain "rpc".
public enum SharedReason: String, Sendable, CaseIterable {
  /// An id that came before, with other content.
  case idReused = "ID_REUSED"
  /// A call with this idempotency key is being served.
  case keyInProgress = "KEY_IN_PROGRESS"
  /// The resource has been changed meanwhile.
  case versionMismatch = "VERSION_MISMATCH"
  /// A second factor has to be given again.
  case stepUpRequired = "STEP_UP_REQUIRED"
  /// The access token was good once.
  case tokenExpired = "TOKEN_EXPIRED"
  /// The access token is none.
  case tokenInvalid = "TOKEN_INVALID"
  /// The peer's certificate is not on the list of callers.
  case callerNotAllowed = "CALLER_NOT_ALLOWED"
  /// The caller lacks the right.
  case permissionMissing = "PERMISSION_MISSING"
  /// Too many calls of this kind in this time.
  case rateLimited = "RATE_LIMITED"
  /// Too much is being done already.
  case overloaded = "OVERLOADED"
  /// This copy takes no further calls.
  case draining = "DRAINING"
  /// Something that the service leans on cannot be reached.
  case dependencyDown = "DEPENDENCY_DOWN"
  /// The change was made or not: ask again with the same id.
  case outcomeUnknown = "OUTCOME_UNKNOWN"
  /// A page token or position that is none.
  case cursorInvalid = "CURSOR_INVALID"
  /// Fields of the request are wrong.
  case fieldInvalid = "FIELD_INVALID"
  /// The contract has it and this release does not.
  case featureAbsent = "FEATURE_ABSENT"
}
