public import RPC
internal import RPCContracts
internal import Wire

/// Why a call is refused before its handler decides anything; the reasons are those that all
/// services share (sarai/rpc/v1/status.proto, `ErrorInfo`).
public enum AccessError: RPCErrorConvertible, Sendable, Hashable {
  /// The peer's certificate is not on the method's list of callers.
  case callerNotAllowed(String?)
  /// The method needs a token, and none came.
  case tokenMissing
  /// The token is no good, whatever the reason; that goes to the log and not to the caller.
  case tokenInvalid
  /// The token was good once.
  case tokenExpired
  /// The token's session, key or signing key was revoked.
  case tokenRevoked
  /// The method is for persons, and an API key calls.
  case personNeeded
  /// The caller lacks the right.
  case permissionMissing(Permission)
  /// The session was not stepped up within 5 minutes.
  case stepUpRequired
  /// The session is only good for adding a second factor.
  case factorNeeded
  /// No such resource, or another's.
  case notFound
  /// The request names no organisation where it must.
  case organisationInvalid
  /// No key set can be had to verify the token with.
  case keysUnavailable

  /// As the caller sees it.
  public var rpcError: RPCError {
    let (code, reason, message) = wording
    let info = SaraiRPC.ErrorInfo(
      reason: reason, domain: self == .factorNeeded ? "identity" : "rpc")
    var error = RPCError(code, message)
    if !reason.isEmpty, let bytes = try? info.encoded(as: .protobuf) {
      error.details = [
        RPCError.Detail(typeURL: "type.googleapis.com/sarai.rpc.v1.ErrorInfo", value: bytes)
      ]
    }
    return error
  }

  private var wording: (RPCCode, reason: String, message: String) {
    switch self {
    case .callerNotAllowed(let name):
      let who = name.map { "`\($0)`" } ?? "a peer without a certificate"
      return (
        .permissionDenied, "CALLER_NOT_ALLOWED",
        "\(who) may not call this method: call it through the gateway"
      )
    case .tokenMissing:
      return (
        .unauthenticated, "TOKEN_INVALID",
        "sign in, and send the access token as `authorization: Bearer ...`"
      )
    case .tokenInvalid:
      return (
        .unauthenticated, "TOKEN_INVALID", "the access token is not valid here: sign in again"
      )
    case .tokenExpired:
      return (
        .unauthenticated, "TOKEN_EXPIRED",
        "the access token is over: trade the refresh token for a new one"
      )
    case .tokenRevoked:
      return (.unauthenticated, "TOKEN_INVALID", "the session is over: sign in again")
    case .personNeeded:
      return (
        .permissionDenied, "PERMISSION_MISSING",
        "this is for a person who has signed in, not for an API key"
      )
    case .permissionMissing(let permission):
      return (
        .permissionDenied, "PERMISSION_MISSING",
        "this needs the permission `\(permission)`: ask the organisation's owner for a role that"
          + " has it, or act for another organisation by Refresh"
      )
    case .stepUpRequired:
      return (
        .unauthenticated, "STEP_UP_REQUIRED",
        "this needs a second factor given in the last 5 minutes: call StepUp, then again with its"
          + " token"
      )
    case .factorNeeded:
      return (
        .failedPrecondition, "FACTOR_NEEDED",
        "your role demands a second factor: add one first, then sign in again"
      )
    case .notFound:
      return (.notFound, "", "there is no such resource, or none that you may see")
    case .organisationInvalid:
      return (
        .invalidArgument, "FIELD_INVALID",
        "name the organisation by its id, a UUID in lower case"
      )
    case .keysUnavailable:
      return (
        .unavailable, "DEPENDENCY_DOWN",
        "access tokens cannot be verified for now: try again in a few seconds"
      )
    }
  }
}
