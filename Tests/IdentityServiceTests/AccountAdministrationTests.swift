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

@Suite struct AccountAdministrationTests {
  // MARK: Operators

  @Test(arguments: Engine.allCases)
  func `a suspended person is out at once, and comes back when reinstated`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let asOperator = identity.by(try await identity.token(.platformOperator))
      let suspended = try await identity.accounts.suspendPerson(
        Identity.SuspendPersonRequest(id: one.id, reason: "fraud"), options: asOperator)
      #expect(suspended.state == .suspended)
      let out = await identity.refusal {
        try await identity.accounts.getMe(
          Identity.GetMeRequest(), options: identity.by(one.token))
      }
      #expect(out == "TOKEN_INVALID")
      let barred = await identity.refusal { try await identity.signIn(one.address) }
      #expect(barred == "CREDENTIALS_WRONG")
      let back = try await identity.accounts.reinstatePerson(
        Identity.ReinstatePersonRequest(id: one.id, reason: "a mistake"), options: asOperator)
      #expect(back.state == .active)
      _ = try await identity.signedIn(one.address)
      let actions = try await identity.auditActions()
      #expect(actions.contains("person.suspend"))
      #expect(actions.contains("person.reinstate"))
    }
  }

  @Test func `support finds people by state, contact and the beginning of the name`() async throws {
    try await TestIdentity.run { identity in
      for (address, name) in [
        ("a@example.pk", "Zahra Ali"), ("b@example.pk", "Zoë Baig"), ("c@example.pk", "Omar"),
      ] {
        _ = try await identity.register(address, name: name)
        identity.time.advance(by: .milliseconds(1))
      }
      let options = identity.by(try await identity.token(.platformOperator))
      func names(_ request: Identity.ListPeopleRequest) async throws -> [String] {
        try await identity.accounts.listPeople(request, options: options).people
          .map(\.displayName)
      }
      #expect(try await names(Identity.ListPeopleRequest()) == ["Omar", "Zoë Baig", "Zahra Ali"])
      #expect(try await names(Identity.ListPeopleRequest(namePrefix: "ZOE")) == ["Zoë Baig"])
      #expect(try await names(Identity.ListPeopleRequest(state: .active)) == [])
      let first = try await identity.accounts.listPeople(
        Identity.ListPeopleRequest(page: SaraiType.PageRequest(size: 2)), options: options)
      let rest = try await names(
        Identity.ListPeopleRequest(
          page: SaraiType.PageRequest(size: 2, cursor: first.page?.nextCursor ?? "")))
      #expect(rest == ["Zahra Ali"])
    }
  }

  @Test func `the mailbox is listed in a demo only`() async throws {
    try await TestIdentity.run(isDemo: true) { identity in
      _ = try await identity.register("a@example.pk")
      let listed = try await identity.accounts.listMailbox(
        Identity.ListMailboxRequest(contactAddress: "a@example.pk"), options: identity.by())
      #expect(listed.entries.count == 1)
    }
    try await TestIdentity.run { identity in
      let refusal = await identity.refusal {
        try await identity.accounts.listMailbox(
          Identity.ListMailboxRequest(), options: identity.by())
      }
      #expect(refusal == "FEATURE_ABSENT")
    }
  }

  // MARK: Personal data

  @Test(arguments: Engine.allCases)
  func `an erasure waits for 14 days, and is done once all services have reported`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let id = identity.newID()
      let asked = try await identity.accounts.requestErasure(
        Identity.RequestErasureRequest(id: id), options: identity.by(one.token))
      #expect(asked.state == .waiting)
      let handler = AccountHandler(environment: identity.environment)
      identity.time.advance(by: .seconds(14 * 86_400 - 1))
      #expect(try await handler.eraseDue() == 0)
      identity.time.advance(by: .seconds(1))
      #expect(try await handler.eraseDue() == 1)
      #expect(try await handler.eraseDue() == 0)
      let names = try await identity.accounts.batchGetPeople(
        Identity.BatchGetPeopleRequest(ids: [one.id]), options: identity.by(via: "catalog"))
      #expect(names.people.map(\.displayName) == ["Erased person"])
      let gone = await identity.refusal { try await identity.signIn(one.address) }
      #expect(gone == "CREDENTIALS_WRONG")
      var states: [Identity.ErasureState] = []
      for service in ["catalog", "payments", "payments", "onboarding"] {
        let erasure = try await identity.accounts.reportErasure(
          Identity.ReportErasureRequest(id: id), options: identity.by(via: service))
        states.append(erasure.state)
      }
      #expect(states == [.running, .running, .running, .done])
      #expect(try await identity.events().map(\.kind).contains(.personErased))
    }
  }

  @Test func `a wish to be erased can be taken back`() async throws {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let id = identity.newID()
      _ = try await identity.accounts.requestErasure(
        Identity.RequestErasureRequest(id: id), options: identity.by(one.token))
      for _ in 0..<2 {
        let withdrawn = try await identity.accounts.withdrawErasure(
          Identity.WithdrawErasureRequest(id: id), options: identity.by(one.token))
        #expect(withdrawn.state == .withdrawn)
      }
      let other = try await identity.someone("other@example.pk")
      let hidden = await identity.refusal {
        try await identity.accounts.getErasure(
          Identity.GetErasureRequest(id: id), options: identity.by(other.token))
      }
      #expect(hidden == "notFound")
    }
  }

  @Test func `an export holds what there is and no secret`() async throws {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let (secret, codes) = try await identity.addFactor(one)
      let text = try await identity.accounts.exportMyData(
        Identity.ExportMyDataRequest(), options: identity.by(one.token)
      ) { chunks in
        var bytes: [UInt8] = []
        while let chunk = try await chunks.next() { bytes += chunk.chunk }
        return String(decoding: bytes, as: UTF8.self)
      }
      #expect(text.contains(one.address))
      #expect(text.contains(one.sessionID))
      #expect(text.contains("factor.confirm"))
      #expect(!text.contains(codes[0]))
      #expect(!text.contains("scrypt"))
      #expect(!secret.isEmpty)
    }
  }
}
