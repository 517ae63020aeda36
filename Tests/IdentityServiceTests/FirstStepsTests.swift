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

@testable import IdentityService

@Suite struct FirstStepsTests {
  @Test(arguments: Engine.allCases)
  func `the one-time token makes one administrator, who then needs a second factor`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let told = Lock<[String]>([])
      try await identity.environment.announceFirstSteps { line in
        told.withLock { $0.append(line) }
      }
      let line = try #require(told.withLock { $0.first })
      let token = String(line.split(separator: " ").last ?? "")
      let one = try await identity.someone()
      func claim(_ token: String) async -> String? {
        await identity.refusal {
          try await identity.accounts.claimFirstAdministrator(
            Identity.ClaimFirstAdministratorRequest(
              token: token, contactAddress: one.address, password: TestIdentity.password),
            options: identity.by())
        }
      }
      #expect(await claim("guessed") == "TOKEN_SPENT")
      #expect(await claim(token) == nil)
      #expect(await claim(token) == "TOKEN_SPENT")
      let outcome = try await identity.signIn(one.address)
      #expect(outcome.state == .enrolmentNeeded)
      let early = await identity.refusal {
        try await identity.sessions.listSessions(
          Identity.ListSessionsRequest(),
          options: identity.by(outcome.tokens?.accessToken ?? ""))
      }
      #expect(early == "FACTOR_NEEDED")
    }
  }

  @Test func `a demo has people for every desk, with the password and factor that it tells`()
    async throws
  {
    try await TestIdentity.run(isDemo: true) { identity in
      for _ in 0..<2 { try await identity.environment.announceFirstSteps { _ in } }
      let stored = try await identity.environment.database.read { session in
        try PersonStore.list(PersonStore.Filter(), before: nil, countMax: 100, session)
      }
      #expect(stored.count == 11)
      let hash = try PasswordHash(try #require(stored.first).password)
      #expect(hash.cost == .owasp)
      #expect(try hash.accepts(DemoPeople.password))
      #expect(Base32.bytes(DemoPeople.factorSecret)?.count == OneTimeCode.secretByteCount)
    }
  }

  @Test func `secrets are sealed anew under the newest key, and open as before`() async throws {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let (secret, _) = try await identity.addFactor(one)
      let resealing = Resealing(
        vault: identity.environment.vault, database: identity.environment.database)
      #expect(try await resealing.run() == 0)
      let random = SystemRandom()
      let text = try KeyFile.addingKey(
        to: identity.keyFile, at: identity.time.sinceEpoch() + .seconds(1), random)
      identity.box.replaceKeys(try KeyFile(text))
      #expect(try await resealing.run() > 3)
      #expect(try await resealing.run() == 0)
      identity.time.advance(by: .seconds(60))
      let stepped = try await identity.sessions.stepUp(
        Identity.StepUpRequest(kind: .totp, code: identity.totp(secret)),
        options: identity.by(one.token))
      #expect(!stepped.accessToken.isEmpty)
    }
  }
}

@Suite struct AuthenticatorHandlerTests {
  @Test func `a factor is confirmed within ten minutes and five tries`() async throws {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let id = identity.newID()
      let begun = try await identity.factors.beginTotp(
        Identity.BeginTotpRequest(id: id, label: "phone"), options: identity.by(one.token))
      #expect(begun.secret.utf8.count == 32)
      #expect(begun.uri.hasPrefix("otpauth://totp/Sarai:"))
      let secret = Base32.bytes(begun.secret) ?? []
      let right = identity.totp(secret)
      func confirm(_ code: String) async -> String? {
        await identity.refusal {
          try await identity.factors.confirmTotp(
            Identity.ConfirmTotpRequest(id: id, code: code), options: identity.by(one.token))
        }
      }
      let wrong = right == "000000" ? "111111" : "000000"
      for _ in 0..<5 { #expect(await confirm(wrong) == "CODE_WRONG") }
      #expect(await confirm(right) == "CODE_EXPIRED")
    }
  }

  @Test(arguments: Engine.allCases)
  func `the last factor takes the recovery codes with it, and is gone for good`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      _ = try await identity.addFactor(one)
      let options = identity.by(one.token)
      let listed = try await identity.factors.listAuthenticators(
        Identity.ListAuthenticatorsRequest(), options: options)
      #expect(listed.authenticators.map(\.label) == ["phone"])
      for _ in 0..<2 {
        _ = try await identity.factors.removeAuthenticator(
          Identity.RemoveAuthenticatorRequest(id: listed.authenticators[0].id), options: options)
      }
      let after = try await identity.factors.listAuthenticators(
        Identity.ListAuthenticatorsRequest(), options: options)
      #expect(after.authenticators.isEmpty)
      #expect(after.recoveryCodeCount == 0)
      _ = try await identity.signedIn(one.address)
    }
  }
}
