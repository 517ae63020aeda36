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

@Suite struct SessionHandlerTests {
  // MARK: Signing in

  @Test(arguments: Engine.allCases)
  func `unknown account and wrong password are answered alike`(_ engine: Engine) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      var answers: [RPCError] = []
      for address in [one.address, "nobody@example.pk"] {
        do {
          _ = try await identity.signIn(address, password: "not the right password")
        } catch let error as RPCError {
          answers.append(error)
        }
        identity.time.advance(by: .seconds(5))
      }
      #expect(answers.count == 2)
      #expect(answers.first == answers.last)
      #expect(answers.first?.info?.reason == "CREDENTIALS_WRONG")
    }
  }

  @Test(arguments: Engine.allCases)
  func `a sign-in that is repeated answers the same bytes, with other content it is refused`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let id = identity.newID()
      let first = try await identity.signIn(one.address, id: id)
      let second = try await identity.signIn(one.address, id: id)
      #expect(first == second)
      let other = await identity.refusal {
        try await identity.signIn(one.address, id: id, label: "laptop")
      }
      #expect(other == "ID_REUSED")
    }
  }

  @Test(arguments: ["ayesha@example.pk", "nobody@example.pk"])
  func `failures lock an account for a time that doubles, known or not`(
    _ address: String
  ) async throws {
    try await TestIdentity.run { identity in
      _ = try await identity.someone()
      var waits: [Int64] = []
      for _ in 0..<8 {
        _ = await identity.refusal { try await identity.signIn(address, password: "wrong") }
        let error = await #expect(throws: RPCError.self) {
          try await identity.signIn(address, password: "wrong")
        }
        #expect(error?.info?.reason == "LOCKED_OUT")
        let wait = error?.detail(SaraiRPC.RetryInfo.self)?.retryDelay?.duration ?? .zero
        waits.append(wait.components.seconds)
        identity.time.advance(by: wait)
      }
      #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128])
      let told = try await identity.events().filter { $0.kind == .signInLocked }
      #expect(told.count == (address == "ayesha@example.pk" ? 1 : 0))
    }
  }

  @Test func `a right password while locked out helps nobody, and an operator ends it`()
    async throws
  {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      _ = await identity.refusal { try await identity.signIn(one.address, password: "wrong") }
      let locked = await identity.refusal { try await identity.signIn(one.address) }
      #expect(locked == "LOCKED_OUT")
      let options = identity.by(try await identity.token(.platformOperator))
      let person = try await identity.accounts.getPerson(
        Identity.GetPersonRequest(id: one.id), options: options)
      #expect(person.lockedUntilAt != nil)
      let unlocked = try await identity.accounts.unlockPerson(
        Identity.UnlockPersonRequest(id: one.id, reason: "called us"), options: options)
      #expect(unlocked.lockedUntilAt == nil)
      _ = try await identity.signedIn(one.address)
    }
  }

  @Test(arguments: Engine.allCases)
  func `of a hundred guesses at once one is judged`(_ engine: Engine) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let refusals = await withTaskGroup(of: String?.self) { group in
        for number in 0..<100 {
          group.addTask {
            await identity.refusal {
              try await identity.signIn(one.address, password: "guess number \(number)")
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(refusals.filter { $0 == "CREDENTIALS_WRONG" }.count == 1)
      #expect(refusals.filter { $0 == "LOCKED_OUT" }.count == 99)
    }
  }

  @Test func `many accounts tried from one address lock the address`() async throws {
    try await TestIdentity.run { identity in
      for number in 0..<21 {
        let refusal = await identity.refusal {
          try await identity.signIn(
            "person\(number)@example.pk", password: "wrong", from: "203.0.113.7:\(number)")
        }
        #expect(refusal == "CREDENTIALS_WRONG")
      }
      let other = await identity.refusal {
        try await identity.signIn(
          "other@example.pk", password: "wrong", from: "203.0.113.7:1")
      }
      #expect(other == "LOCKED_OUT")
      let elsewhere = await identity.refusal {
        try await identity.signIn("other@example.pk", password: "wrong", from: "203.0.113.8:1")
      }
      #expect(elsewhere == "CREDENTIALS_WRONG")
    }
  }

  @Test func `a hash of an older cost is made anew at sign-in`() async throws {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let old = try PasswordHash(
        of: TestIdentity.password, cost: Scrypt.Cost(logN: 3, r: 8, p: 1), SystemRandom())
      let id = try #require(UUID(one.id))
      try await identity.environment.database.write { session in
        var person = try PersonStore.get(id, session)
        person.password = old.description
        try PersonStore.update(person, session)
      }
      _ = try await identity.signedIn(one.address)
      let stored = try await identity.environment.database.read { session in
        try PersonStore.get(id, session).password
      }
      #expect(stored.hasPrefix("$scrypt$ln=4,"))
    }
  }

  // MARK: The second factor

  @Test(arguments: Engine.allCases)
  func `with a second factor a sign-in waits for it, and a code works once`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let (secret, codes) = try await identity.addFactor(one)
      #expect(codes.count == 10)
      identity.time.advance(by: .seconds(60))
      let half = try await identity.signIn(one.address)
      #expect(half.state == .factorNeeded)
      #expect(half.tokens == nil)
      #expect(half.kinds == [.totp, .recoveryCode])
      let code = identity.totp(secret)
      let whole = try await identity.complete(half, .totp, code)
      #expect(whole.state == .complete)
      #expect(whole.id == half.id)
      let next = try await identity.signIn(one.address)
      let replay = await identity.refusal { try await identity.complete(next, .totp, code) }
      #expect(replay == "FACTOR_WRONG")
      identity.time.advance(by: .seconds(30))
      let recovered = try await identity.complete(next, .recoveryCode, codes[3].uppercased())
      #expect(recovered.state == .complete)
      let third = try await identity.signIn(one.address)
      let used = await identity.refusal {
        try await identity.complete(third, .recoveryCode, codes[3])
      }
      #expect(used == "FACTOR_WRONG")
      let listed = try await identity.factors.listAuthenticators(
        Identity.ListAuthenticatorsRequest(),
        options: identity.by(whole.tokens?.accessToken ?? ""))
      #expect(listed.recoveryCodeCount == 9)
    }
  }

  @Test func `five wrong codes, or five minutes, end the sign-in`() async throws {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let (secret, _) = try await identity.addFactor(one)
      identity.time.advance(by: .seconds(60))
      let half = try await identity.signIn(one.address)
      for wait in [1, 2, 4, 8, 16] {
        let wrong = await identity.refusal {
          try await identity.complete(half, .recoveryCode, "aaaaa-aaaaa")
        }
        #expect(wrong == "FACTOR_WRONG")
        identity.time.advance(by: .seconds(wait))
      }
      let over = await identity.refusal {
        try await identity.complete(half, .totp, identity.totp(secret))
      }
      #expect(over == "CHALLENGE_EXPIRED")
      let late = try await identity.signIn(one.address)
      identity.time.advance(by: .seconds(300))
      let expired = await identity.refusal {
        try await identity.complete(late, .totp, identity.totp(secret))
      }
      #expect(expired == "CHALLENGE_EXPIRED")
    }
  }

  @Test func `a sign-in cannot be completed from another device`() async throws {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let (secret, _) = try await identity.addFactor(one)
      identity.time.advance(by: .seconds(60))
      var half = try await identity.signIn(one.address)
      half.continuationToken = "guessed"
      let refusal = await identity.refusal { [half] in
        try await identity.complete(half, .totp, identity.totp(secret))
      }
      #expect(refusal == "CHALLENGE_EXPIRED")
    }
  }

  // MARK: Refresh

  @Test(arguments: Engine.allCases)
  func `a refresh token works once, and a lost answer is given again for a minute`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let id = identity.newID()
      let first = try await identity.refresh(one.tokens.refreshToken, id: id)
      identity.time.advance(by: .seconds(59))
      let again = try await identity.refresh(one.tokens.refreshToken, id: id)
      #expect(first == again)
      _ = try await identity.accounts.getMe(
        Identity.GetMeRequest(), options: identity.by(first.accessToken))
      let next = try await identity.refresh(first.refreshToken)
      #expect(next.refreshToken != first.refreshToken)
    }
  }

  @Test(arguments: Engine.allCases)
  func `a token that comes back with another id revokes its family`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let fresh = try await identity.refresh(one.tokens.refreshToken)
      let theft = await identity.refusal {
        try await identity.refresh(one.tokens.refreshToken)
      }
      #expect(theft == "REFRESH_REUSED")
      let family = await identity.refusal { try await identity.refresh(fresh.refreshToken) }
      #expect(family == "SESSION_ENDED")
      let access = await identity.refusal {
        try await identity.accounts.getMe(
          Identity.GetMeRequest(), options: identity.by(fresh.accessToken))
      }
      #expect(access == "TOKEN_INVALID")
      #expect(try await identity.events().last?.kind == .refreshTheftDetected)
    }
  }

  @Test(arguments: Engine.allCases)
  func `of two refreshes at once with one token one wins and the family ends`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let results = await withTaskGroup(of: String?.self) { group in
        for _ in 0..<2 {
          group.addTask {
            await identity.refusal { try await identity.refresh(one.tokens.refreshToken) }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(Set(results) == [nil, "REFRESH_REUSED"])
    }
  }

  @Test func `a hundred copies of one refresh have one effect and one answer`() async throws {
    try await TestIdentity.run(on: .postgreSQL) { identity in
      let one = try await identity.someone()
      let id = identity.newID()
      let pairs = try await withThrowingTaskGroup(of: Identity.TokenPair.self) { group in
        for _ in 0..<100 {
          group.addTask { try await identity.refresh(one.tokens.refreshToken, id: id) }
        }
        return try await group.reduce(into: Set<Identity.TokenPair>()) { $0.insert($1) }
      }
      #expect(pairs.count == 1)
    }
  }

  @Test(arguments: [("", 30 * 60), ("laptop", 30 * 86_400)])
  func `a session ends when it is not used, a remembered device later`(
    _ label: String, _ idle: Int
  ) async throws {
    try await TestIdentity.run { identity in
      _ = try await identity.someone()
      let used = try await identity.signedIn("ayesha@example.pk", label: label)
      identity.time.advance(by: .seconds(idle - 1))
      let pair = try await identity.refresh(used.tokens.refreshToken)
      identity.time.advance(by: .seconds(idle))
      let over = await identity.refusal { try await identity.refresh(pair.refreshToken) }
      #expect(over == "SESSION_ENDED")
    }
  }

  @Test func `a session ends at its absolute end however much it is used`() async throws {
    try await TestIdentity.run { identity in
      var pair = try await identity.someone().tokens
      for _ in 0..<36 {
        identity.time.advance(by: .seconds(1_199))
        pair = try await identity.refresh(pair.refreshToken)
      }
      identity.time.advance(by: .seconds(36))
      let over = await identity.refusal { [pair] in try await identity.refresh(pair.refreshToken) }
      #expect(over == "SESSION_ENDED")
    }
  }

  // MARK: Step-up

  @Test func `a password counts as step-up for five minutes, where there is no second factor`()
    async throws
  {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      identity.time.advance(by: .seconds(301))
      let add = Identity.AddContactRequest(id: identity.newID(), address: "+923001112222")
      let old = await identity.refusal {
        try await identity.accounts.addContact(add, options: identity.by(one.token))
      }
      #expect(old == "STEP_UP_REQUIRED")
      let stepped = try await identity.sessions.stepUp(
        Identity.StepUpRequest(kind: .password, code: TestIdentity.password),
        options: identity.by(one.token))
      #expect(stepped.refreshToken.isEmpty)
      _ = try await identity.accounts.addContact(
        add, options: identity.by(stepped.accessToken))
    }
  }

  @Test func `with a second factor the password is no step-up, and the factor is`() async throws {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let (secret, _) = try await identity.addFactor(one)
      identity.time.advance(by: .seconds(30))
      let password = await identity.refusal {
        try await identity.sessions.stepUp(
          Identity.StepUpRequest(kind: .password, code: TestIdentity.password),
          options: identity.by(one.token))
      }
      #expect(password == "FACTOR_NEEDED")
      let wrong = await identity.refusal {
        try await identity.sessions.stepUp(
          Identity.StepUpRequest(kind: .recoveryCode, code: "aaaaaaaaaa"),
          options: identity.by(one.token))
      }
      #expect(wrong == "FACTOR_WRONG")
      identity.time.advance(by: .seconds(1))
      let stepped = try await identity.sessions.stepUp(
        Identity.StepUpRequest(kind: .totp, code: identity.totp(secret)),
        options: identity.by(one.token))
      _ = try await identity.factors.regenerateRecoveryCodes(
        Identity.RegenerateRecoveryCodesRequest(), options: identity.by(stepped.accessToken))
    }
  }
}
