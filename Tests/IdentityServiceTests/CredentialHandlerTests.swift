import Access
import IdentityContracts
import Platform
import RPC
import StorageTesting
import Testing
import TypeContracts
import WellKnownTypes

@testable import IdentityService

@Suite struct CredentialHandlerTests {
  private func request(
    _ identity: TestIdentity, _ company: TestIdentity.Company,
    _ permissions: [String] = ["catalog.product.write"], networks: [String] = []
  ) -> Identity.CreateApiKeyRequest {
    Identity.CreateApiKeyRequest(
      id: identity.newID(), organisationId: company.id, label: "warehouse robot",
      permissions: permissions, allowedNetworks: networks)
  }

  @Test(arguments: Engine.allCases)
  func `a key is shown once, for a day again, and never kept`(_ engine: Engine) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let company = try await identity.company()
      let request = request(identity, company)
      let made = try await identity.credentials.createApiKey(
        request, options: identity.by(company.token))
      #expect(made.secret.hasPrefix("sarai_") && made.secret.utf8.count == 49)
      #expect(made.apiKey?.prefix == String(made.secret.prefix(12)))
      let again = try await identity.credentials.createApiKey(
        request, options: identity.by(company.token))
      #expect(again == made)
      identity.time.advance(by: .seconds(86_400))
      let later = try await identity.token(of: company.owner.id, in: company.id, .owner)
      let bare = try await identity.credentials.createApiKey(request, options: identity.by(later))
      #expect(bare.apiKey == made.apiKey && bare.secret.isEmpty)
      let list = try await identity.credentials.listApiKeys(
        Identity.ListApiKeysRequest(organisationId: company.id), options: identity.by(later))
      #expect(list.apiKeys == [try #require(made.apiKey)])
    }
  }

  @Test func `nobody makes a key that may do more than they`() async throws {
    try await TestIdentity.run { identity in
      let company = try await identity.company()
      for permission in ["identity.case.review", "payments.refund.check"] {
        let request = request(identity, company, [permission])
        #expect(
          await identity.refusal {
            try await identity.credentials.createApiKey(
              request, options: identity.by(company.token))
          } == "ROLE_TOO_HIGH")
      }
      let unknown = request(identity, company, ["catalog.product.everything"])
      #expect(
        await identity.refusal {
          try await identity.credentials.createApiKey(
            unknown, options: identity.by(company.token))
        } == "FIELD_INVALID")
    }
  }

  @Test func `a key is traded for a token that does what the key may, until it is revoked`()
    async throws
  {
    try await TestIdentity.run { identity in
      let company = try await identity.company()
      let made = try await identity.credentials.createApiKey(
        request(identity, company, ["identity.organisation.read"]),
        options: identity.by(company.token))
      let exchange = Identity.ExchangeApiKeyRequest(secret: made.secret)
      let tokens = try await identity.credentials.exchangeApiKey(exchange, options: identity.by())
      #expect(tokens.refreshToken.isEmpty && tokens.organisationId == company.id)
      let seen = try await identity.organisations.getOrganisation(
        Identity.GetOrganisationRequest(id: company.id), options: identity.by(tokens.accessToken))
      #expect(seen.id == company.id)
      #expect(
        await identity.refusal {
          try await identity.credentials.listApiKeys(
            Identity.ListApiKeysRequest(organisationId: company.id),
            options: identity.by(tokens.accessToken))
        } == "PERMISSION_MISSING")
      let revoke = Identity.RevokeApiKeyRequest(id: made.apiKey?.id ?? "")
      for _ in 0..<2 {
        _ = try await identity.credentials.revokeApiKey(
          revoke, options: identity.by(company.token))
      }
      #expect(
        await identity.refusal {
          try await identity.credentials.exchangeApiKey(exchange, options: identity.by())
        } == "CREDENTIALS_WRONG")
      #expect(
        await identity.refusal {
          try await identity.organisations.getOrganisation(
            Identity.GetOrganisationRequest(id: company.id),
            options: identity.by(tokens.accessToken))
        } == "TOKEN_INVALID")
    }
  }

  @Test func `what is wrong with a key is not told`() async throws {
    try await TestIdentity.run { identity in
      let company = try await identity.company()
      let made = try await identity.credentials.createApiKey(
        request(identity, company, networks: ["203.0.113.0/24"]),
        options: identity.by(company.token))
      func exchange(_ secret: String, from address: String) async -> String? {
        await identity.refusal {
          try await identity.credentials.exchangeApiKey(
            Identity.ExchangeApiKeyRequest(secret: secret, clientAddress: address),
            options: identity.by())
        }
      }
      #expect(await exchange(made.secret, from: "203.0.113.9") == nil)
      #expect(await exchange(made.secret, from: "203.0.114.9") == "CREDENTIALS_WRONG")
      #expect(await exchange(made.secret + "x", from: "203.0.113.9") == "CREDENTIALS_WRONG")
      #expect(await exchange("", from: "203.0.113.9") == "CREDENTIALS_WRONG")
      identity.time.advance(by: .seconds(90 * 86_400))
      #expect(await exchange(made.secret, from: "203.0.113.9") == "CREDENTIALS_WRONG")
    }
  }

  @Test func `the name of a service is given once, and can be refused`() async throws {
    try await TestIdentity.run { identity in
      let call = identity.by(try await identity.token(.platformOperator))
      func create(_ name: String) async throws -> Identity.ServiceIdentity {
        try await identity.credentials.createServiceIdentity(
          Identity.CreateServiceIdentityRequest(
            id: identity.newID(),
            serviceIdentity: Identity.ServiceIdentity(
              name: name, certificateSha256: [String(repeating: "ab", count: 32)])),
          options: call)
      }
      let made = try await create("payments")
      #expect(await identity.refusal { try await create("payments") } == "NAME_TAKEN")
      #expect(await identity.refusal { try await create("Pay ments") } == "FIELD_INVALID")
      let disabled = try await identity.credentials.disableServiceIdentity(
        Identity.DisableServiceIdentityRequest(id: made.id), options: call)
      #expect(disabled.disabled && disabled.stamp?.version == 2)
      let list = try await identity.credentials.listServiceIdentities(
        Identity.ListServiceIdentitiesRequest(), options: call)
      #expect(list.serviceIdentities == [disabled])
    }
  }
}
