import Access
import IdentityContracts
import Platform
import RPC
import RPCContracts
import ServiceKit
import StorageTesting
import Testing
import TypeContracts
import WellKnownTypes

@testable import IdentityService

@Suite struct AccountHandlerTests {
  // MARK: Registration

  @Test(arguments: Engine.allCases)
  func `a code opens the account, and then the password does`(_ engine: Engine) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let verification = try await identity.register("ayesha@example.pk")
      let early = await identity.refusal { try await identity.signIn("ayesha@example.pk") }
      #expect(early == "CONTACT_UNVERIFIED")
      let code = try await identity.code(for: "ayesha@example.pk")
      let request = Identity.VerifyContactRequest(
        verificationId: verification.verificationId, code: code)
      let contact = try await identity.accounts.verifyContact(request, options: identity.by())
      #expect(contact.isPrimary)
      let again = try await identity.accounts.verifyContact(request, options: identity.by())
      #expect(again == contact)
      let one = try await identity.signedIn("AYESHA@example.pk")
      let me = try await identity.accounts.getMe(
        Identity.GetMeRequest(), options: identity.by(one.token))
      #expect(me.person?.state == .active)
      #expect(me.person?.contacts == [contact])
      #expect(me.session?.isPresent == true)
      let events = try await identity.events()
      #expect(events.map(\.kind) == [.personRegistered])
      #expect(events.first?.person?.id == one.id)
    }
  }

  @Test func `a contact that is taken is answered like a free one, and its owner is told`()
    async throws
  {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      identity.time.advance(by: .seconds(61))
      let answer = try await identity.register(one.address)
      let expires = identity.time.sinceEpoch() + .seconds(600)
      #expect(answer.expiresAt == GoogleProtobuf.Timestamp(sinceEpoch: expires))
      let mail = try await identity.mail(to: one.address)
      #expect(mail.count == 2)
      #expect(try #require(mail.first).text.contains("belongs to your account"))
      for triesLeft in [4, 3, 2, 1, 0] {
        let refusal = await identity.refusal {
          try await identity.accounts.verifyContact(
            Identity.VerifyContactRequest(
              verificationId: answer.verificationId, code: "123456"), options: identity.by())
        }
        #expect(refusal == (triesLeft > 0 ? "CODE_WRONG" : "CODE_SPENT"))
      }
    }
  }

  @Test(arguments: Engine.allCases)
  func `five wrong codes spend it, and the right one comes too late`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let verification = try await identity.register("a@example.pk")
      let code = try await identity.code(for: "a@example.pk")
      let wrong = code == "000000" ? "000001" : "000000"
      var refusals: [String?] = []
      for tried in Array(repeating: wrong, count: 5) + [code] {
        refusals.append(
          await identity.refusal {
            try await identity.accounts.verifyContact(
              Identity.VerifyContactRequest(
                verificationId: verification.verificationId, code: tried),
              options: identity.by())
          })
      }
      #expect(
        refusals == [
          "CODE_WRONG", "CODE_WRONG", "CODE_WRONG", "CODE_WRONG", "CODE_SPENT", "CODE_SPENT",
        ])
    }
  }

  @Test func `a code is over after ten minutes`() async throws {
    try await TestIdentity.run { identity in
      let verification = try await identity.register("a@example.pk")
      let code = try await identity.code(for: "a@example.pk")
      identity.time.advance(by: .seconds(600))
      let refusal = await identity.refusal {
        try await identity.accounts.verifyContact(
          Identity.VerifyContactRequest(
            verificationId: verification.verificationId, code: code), options: identity.by())
      }
      #expect(refusal == "CODE_EXPIRED")
    }
  }

  @Test func `codes to one address keep their distance, and are five a day`() async throws {
    try await TestIdentity.run { identity in
      _ = try await identity.register("a@example.pk")
      for wait in [61, 61, 61, 61] {
        let early = await identity.refusal { try await identity.register("a@example.pk") }
        #expect(early == "CODE_TOO_SOON")
        identity.time.advance(by: .seconds(wait))
        _ = try await identity.register("a@example.pk")
      }
      identity.time.advance(by: .seconds(3_600))
      let sixth = await identity.refusal { try await identity.register("a@example.pk") }
      #expect(sixth == "CODE_TOO_SOON")
      identity.time.advance(by: .seconds(86_400))
      _ = try await identity.register("a@example.pk")
    }
  }

  @Test(arguments: Engine.allCases)
  func `a registration that is repeated answers the same, with other content it is refused`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      var request = Identity.RegisterRequest(
        id: identity.newID(), displayName: "Bilal", contactAddress: "+923001234567",
        password: TestIdentity.password, language: .ur)
      let first = try await identity.accounts.register(request, options: identity.by())
      let second = try await identity.accounts.register(request, options: identity.by())
      #expect(first == second)
      #expect(try await identity.mail(to: "+923001234567").count == 1)
      request.password += "!"
      let other = await identity.refusal {
        try await identity.accounts.register(request, options: identity.by())
      }
      #expect(other == "ID_REUSED")
    }
  }

  @Test(arguments: [
    "short", "aaaaaaaaaaaaaaaa", "123456789012345", "passwordpassword", "Password1234567",
    "ayesha@example.pk", "Ayesha Khan 12345",
  ])
  func `a weak password is refused`(_ password: String) async throws {
    try await TestIdentity.run { identity in
      let refusal = await identity.refusal {
        try await identity.register("ayesha@example.pk", password: password)
      }
      #expect(refusal == "PASSWORD_WEAK")
    }
  }

  @Test func `all that is wrong with a registration is told at once`() async throws {
    try await TestIdentity.run { identity in
      let error = await #expect(throws: RPCError.self) {
        try await identity.accounts.register(
          Identity.RegisterRequest(id: "1", contactAddress: "nobody"), options: identity.by())
      }
      #expect(error?.info?.reason == "FIELD_INVALID")
      let fields = error?.violations
      #expect(fields == ["id", "display_name", "contact_address", "password"])
    }
  }

  // MARK: Contacts

  @Test(arguments: Engine.allCases)
  func `contacts are added, proved, made primary and removed`(_ engine: Engine) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let options = identity.by(one.token)
      let added = try await identity.accounts.addContact(
        Identity.AddContactRequest(id: identity.newID(), address: "+923009999999"),
        options: options)
      #expect(added.kind == .phone)
      let early = await identity.refusal {
        try await identity.accounts.setPrimaryContact(
          Identity.SetPrimaryContactRequest(id: added.id), options: options)
      }
      #expect(early == "CONTACT_UNVERIFIED")
      _ = try await identity.accounts.verifyContact(
        Identity.VerifyContactRequest(
          verificationId: added.id, code: try await identity.code(for: "+923009999999")),
        options: options)
      let primary = try await identity.accounts.setPrimaryContact(
        Identity.SetPrimaryContactRequest(id: added.id), options: options)
      #expect(primary.isPrimary)
      let word = try await identity.accounts.getPrimaryContact(
        Identity.GetPrimaryContactRequest(personId: one.id),
        options: identity.by(via: "payments"))
      #expect(word.address == "+923009999999")
      let me = try await identity.accounts.getMe(Identity.GetMeRequest(), options: options)
      let old = try #require(me.person?.contacts.last)
      identity.time.advance(by: .milliseconds(1))
      for _ in 0..<2 {
        _ = try await identity.accounts.removeContact(
          Identity.RemoveContactRequest(id: old.id), options: options)
      }
      let mail = try await identity.mail(to: one.address)
      #expect(mail.first?.text.contains("no longer belongs") == true)
      let last = await identity.refusal {
        try await identity.accounts.removeContact(
          Identity.RemoveContactRequest(id: added.id), options: options)
      }
      #expect(last == "CONTACT_LAST")
    }
  }

  @Test func `another's contact cannot be proved, and its owner is told`() async throws {
    try await TestIdentity.run { identity in
      let owner = try await identity.someone("owner@example.pk")
      identity.time.advance(by: .seconds(61))
      let thief = try await identity.someone("thief@example.pk")
      let added = try await identity.accounts.addContact(
        Identity.AddContactRequest(id: identity.newID(), address: owner.address),
        options: identity.by(thief.token))
      #expect(added.verifiedAt == nil)
      #expect(
        try await identity.mail(to: owner.address).first?.text.contains("Somebody gave") == true)
      identity.time.advance(by: .seconds(61))
      let again = Identity.SendContactCodeRequest(id: identity.newID(), contactId: added.id)
      _ = try await identity.accounts.sendContactCode(again, options: identity.by(thief.token))
      let codes = try await identity.mail(to: owner.address).filter { $0.text.contains("code") }
      #expect(codes.count == 1)
    }
  }

  // MARK: Passwords

  @Test(arguments: Engine.allCases)
  func `a new password ends the other sessions`(_ engine: Engine) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let other = try await identity.signedIn(one.address)
      let request = Identity.ChangePasswordRequest(
        oldPassword: TestIdentity.password, newPassword: "another fine long phrase")
      let wrong = await identity.refusal {
        try await identity.accounts.changePassword(
          Identity.ChangePasswordRequest(
            oldPassword: "not the right password", newPassword: request.newPassword),
          options: identity.by(one.token))
      }
      #expect(wrong == "PASSWORD_WRONG")
      let options = identity.by(one.token, key: "0123456789abcdef")
      _ = try await identity.accounts.changePassword(request, options: options)
      _ = try await identity.accounts.changePassword(request, options: options)
      let refused = await identity.refusal {
        try await identity.accounts.getMe(
          Identity.GetMeRequest(), options: identity.by(other.token))
      }
      #expect(refused == "TOKEN_INVALID")
      _ = try await identity.accounts.getMe(
        Identity.GetMeRequest(), options: identity.by(one.token))
      let old = await identity.refusal { try await identity.signIn(one.address) }
      #expect(old == "CREDENTIALS_WRONG")
    }
  }

  @Test(arguments: Engine.allCases)
  func `a forgotten password is set anew by a code`(_ engine: Engine) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      identity.time.advance(by: .seconds(61))
      let id = identity.newID()
      let known = try await identity.accounts.startPasswordReset(
        Identity.StartPasswordResetRequest(id: id, contactAddress: one.address),
        options: identity.by())
      let unknown = try await identity.accounts.startPasswordReset(
        Identity.StartPasswordResetRequest(
          id: identity.newID(), contactAddress: "nobody@example.pk"), options: identity.by())
      #expect(known == unknown)
      _ = try await identity.accounts.completePasswordReset(
        Identity.CompletePasswordResetRequest(
          id: id, code: try await identity.code(for: one.address),
          newPassword: "another fine long phrase"), options: identity.by())
      let ended = await identity.refusal {
        try await identity.accounts.getMe(
          Identity.GetMeRequest(), options: identity.by(one.token))
      }
      #expect(ended == "TOKEN_INVALID")
      let outcome = try await identity.signIn(one.address, password: "another fine long phrase")
      #expect(outcome.state == .complete)
    }
  }

  @Test func `a reset demands the second factor of who has one`() async throws {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let (secret, codes) = try await identity.addFactor(one)
      identity.time.advance(by: .seconds(61))
      let id = identity.newID()
      _ = try await identity.accounts.startPasswordReset(
        Identity.StartPasswordResetRequest(id: id, contactAddress: one.address),
        options: identity.by())
      var request = Identity.CompletePasswordResetRequest(
        id: id, code: try await identity.code(for: one.address), newPassword: "short but fine 9")
      let without = await identity.refusal {
        try await identity.accounts.completePasswordReset(request, options: identity.by())
      }
      #expect(without == "FACTOR_NEEDED")
      request.factorCode = identity.totp(secret) == "000000" ? "000001" : "000000"
      let wrong = await identity.refusal {
        try await identity.accounts.completePasswordReset(request, options: identity.by())
      }
      #expect(wrong == "FACTOR_WRONG")
      request.factorCode = codes[0]
      _ = try await identity.accounts.completePasswordReset(request, options: identity.by())
    }
  }
}
