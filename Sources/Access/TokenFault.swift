/// What is wrong with an access token; for tests and the log, since a caller is told less.
public enum TokenFault: Error, Sendable, Hashable {
  /// It is longer than any of ours.
  case tooLong
  /// It is not three parts of strict base64url, or header or claims are not in their one spelling.
  case malformed
  /// Its header is not exactly `alg`, `kid` and `typ`, EdDSA and `at+jwt`.
  case headerForeign
  /// No key of that name is known.
  case keyUnknown
  /// The signature is not that of the key.
  case signatureWrong
  /// It was issued by another, or for others.
  case issuerForeign
  /// A claim is missing or not of its form.
  case claimInvalid(String)
  /// It is not valid yet.
  case early
  /// It is over.
  case expired
  /// Its session, key or signing key was revoked.
  case revoked
  /// No keys can be had to check it with.
  case keysUnavailable

  /// What the caller is told.
  public var accessError: AccessError {
    switch self {
    case .expired: .tokenExpired
    case .revoked: .tokenRevoked
    case .keysUnavailable: .keysUnavailable
    default: .tokenInvalid
    }
  }
}
