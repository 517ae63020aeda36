internal import IdentityContracts
internal import RPC

/// OAuth 2.1 and OpenID Connect, which have their place and are yet to come: every method says so.
struct AuthorizationHandler: Identity.AuthorizationService {
  func createOAuthClient(
    _ request: Identity.CreateOAuthClientRequest, _ context: CallContext
  ) async throws -> Identity.CreateOAuthClientResponse { throw IdentityError.featureAbsent }

  func getOAuthClient(
    _ request: Identity.GetOAuthClientRequest, _ context: CallContext
  ) async throws -> Identity.OAuthClient { throw IdentityError.featureAbsent }

  func listOAuthClients(
    _ request: Identity.ListOAuthClientsRequest, _ context: CallContext
  ) async throws -> Identity.ListOAuthClientsResponse { throw IdentityError.featureAbsent }

  func updateOAuthClient(
    _ request: Identity.UpdateOAuthClientRequest, _ context: CallContext
  ) async throws -> Identity.OAuthClient { throw IdentityError.featureAbsent }

  func deleteOAuthClient(
    _ request: Identity.DeleteOAuthClientRequest, _ context: CallContext
  ) async throws -> Identity.DeleteOAuthClientResponse { throw IdentityError.featureAbsent }

  func authorize(
    _ request: Identity.AuthorizeRequest, _ context: CallContext
  ) async throws -> Identity.AuthorizeResponse { throw IdentityError.featureAbsent }

  func exchangeGrant(
    _ request: Identity.ExchangeGrantRequest, _ context: CallContext
  ) async throws -> Identity.TokenPair { throw IdentityError.featureAbsent }

  func revokeGrant(
    _ request: Identity.RevokeGrantRequest, _ context: CallContext
  ) async throws -> Identity.RevokeGrantResponse { throw IdentityError.featureAbsent }

  func introspectToken(
    _ request: Identity.IntrospectTokenRequest, _ context: CallContext
  ) async throws -> Identity.TokenFacts { throw IdentityError.featureAbsent }

  func getUserInfo(
    _ request: Identity.GetUserInfoRequest, _ context: CallContext
  ) async throws -> Identity.GetUserInfoResponse { throw IdentityError.featureAbsent }

  func getDiscovery(
    _ request: Identity.GetDiscoveryRequest, _ context: CallContext
  ) async throws -> Identity.GetDiscoveryResponse { throw IdentityError.featureAbsent }

  func listGrants(
    _ request: Identity.ListGrantsRequest, _ context: CallContext
  ) async throws -> Identity.ListGrantsResponse { throw IdentityError.featureAbsent }

  func deleteGrant(
    _ request: Identity.DeleteGrantRequest, _ context: CallContext
  ) async throws -> Identity.DeleteGrantResponse { throw IdentityError.featureAbsent }
}
