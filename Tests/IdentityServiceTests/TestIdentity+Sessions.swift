import Access
import Cryptography
import IdentityContracts
import Platform
import RPC
import RPCContracts
import ServiceKit
import Storage
import StorageTesting
import Testing
import TypeContracts
import WellKnownTypes

@testable import IdentityService

extension TestIdentity {
  func complete(
    _ half: Identity.SignInOutcome, _ kind: Identity.AuthenticatorKind, _ code: String
  ) async throws -> Identity.SignInOutcome {
    try await sessions.completeSignIn(
      Identity.CompleteSignInRequest(
        id: half.id, continuationToken: half.continuationToken, kind: kind, code: code),
      options: by())
  }

  func refresh(
    _ token: String, id: String? = nil
  ) async throws -> Identity.TokenPair {
    try await sessions.refresh(
      Identity.RefreshRequest(id: id ?? newID(), refreshToken: token), options: by())
  }

  func keyNames() async throws -> [String] {
    try await sessions.getKeySet(
      Identity.GetKeySetRequest(), options: by(via: "payments")
    ).keys.map(\.kid)
  }

  /// The name of the key that signed an access token.
  func keyName(of pair: Identity.TokenPair) -> String {
    let head = Base64URL.bytes(pair.accessToken.prefix { $0 != "." }) ?? []
    let text = String(decoding: head, as: UTF8.self)
    return String(text.split(separator: "\"").first { $0.utf8.count == 36 } ?? "")
  }
}
