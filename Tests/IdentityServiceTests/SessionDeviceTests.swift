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

@Suite struct SessionDeviceTests {
  // MARK: Devices

  @Test(arguments: Engine.allCases)
  func `devices are listed and ended, and their tokens are refused at once`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      identity.time.advance(by: .seconds(1))
      let phone = try await identity.signedIn(one.address, label: "phone")
      let options = identity.by(one.token)
      let listed = try await identity.sessions.listSessions(
        Identity.ListSessionsRequest(), options: options
      ).sessions
      #expect(listed.map(\.id) == [phone.sessionID, one.sessionID])
      #expect(listed.map(\.isPresent) == [false, true])
      #expect(listed.first?.deviceLabel == "phone")
      for _ in 0..<2 {
        _ = try await identity.sessions.revokeSession(
          Identity.RevokeSessionRequest(id: phone.sessionID), options: options)
      }
      let refused = await identity.refusal {
        try await identity.accounts.getMe(
          Identity.GetMeRequest(), options: identity.by(phone.token))
      }
      #expect(refused == "TOKEN_INVALID")
      let open = try await identity.sessions.listSessions(
        Identity.ListSessionsRequest(), options: options
      ).sessions
      #expect(open.map(\.id) == [one.sessionID])
      let all = try await identity.sessions.listSessions(
        Identity.ListSessionsRequest(
          page: SaraiType.PageRequest(size: 1), withEnded: true), options: options)
      let rest = try await identity.sessions.listSessions(
        Identity.ListSessionsRequest(
          page: SaraiType.PageRequest(size: 1, cursor: all.page?.nextCursor ?? ""),
          withEnded: true), options: options)
      #expect((all.sessions + rest.sessions).map(\.id) == [phone.sessionID, one.sessionID])
      let other = try await identity.someone("other@example.pk")
      let hidden = await identity.refusal {
        try await identity.sessions.revokeSession(
          Identity.RevokeSessionRequest(id: one.sessionID), options: identity.by(other.token))
      }
      #expect(hidden == "notFound")
      let count = try await identity.sessions.revokeAllSessions(
        Identity.RevokeAllSessionsRequest(), options: options)
      #expect(count.revokedCount == 1)
    }
  }

  @Test(arguments: Engine.allCases)
  func `revocations reach who follows them, in order and from a position on`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let one = try await identity.someone()
      let other = try await identity.signedIn(one.address)
      for token in [one.token, other.token] {
        _ = try await identity.sessions.signOut(
          Identity.SignOutRequest(), options: identity.by(token))
      }
      func next(
        _ count: Int, after position: Int64
      ) async throws -> [Identity.StreamRevocationsResponse] {
        try await identity.sessions.streamRevocations(
          Identity.StreamRevocationsRequest(afterPosition: position),
          options: identity.by(via: "payments")
        ) { entries in
          var found: [Identity.StreamRevocationsResponse] = []
          while found.count < count, let entry = try await entries.next() { found.append(entry) }
          return found
        }
      }
      let both = try await next(2, after: 0)
      #expect(both.map(\.sessionId) == [one.sessionID, other.sessionID])
      #expect(both.map(\.position) == [1, 2])
      #expect(try await next(1, after: 1).map(\.sessionId) == [other.sessionID])
      let lost = await identity.refusal { try await next(1, after: 3) }
      #expect(lost == "POSITION_LOST")
    }
  }

  // MARK: Keys

  @Test func `a new key is published, signs after ten minutes, and the old one verifies on`()
    async throws
  {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let options = identity.by(try await identity.token(.platformOperator))
      let key = try await identity.sessions.rotateSigningKey(
        Identity.RotateSigningKeyRequest(id: identity.newID()), options: options)
      #expect(key.state == .published)
      #expect(try await identity.keyNames().contains(key.id))
      let soon = try await identity.refresh(one.tokens.refreshToken)
      #expect(identity.keyName(of: soon) != key.id)
      identity.time.advance(by: .seconds(600))
      let later = try await identity.refresh(soon.refreshToken)
      #expect(identity.keyName(of: later) == key.id)
      #expect(try await identity.keyNames().count == 2)
      identity.time.advance(by: .seconds(605))
      #expect(try await identity.keyNames() == [key.id])
    }
  }

  @Test func `after a theft the new key signs at once and the old one's tokens are refused`()
    async throws
  {
    try await TestIdentity.run { identity in
      let one = try await identity.someone()
      let token = try await identity.token(.platformOperator)
      // Keys of one moment have no order.
      identity.time.advance(by: .milliseconds(2))
      let key = try await identity.sessions.rotateSigningKey(
        Identity.RotateSigningKeyRequest(id: identity.newID(), atOnce: true),
        options: identity.by(token))
      #expect(key.state == .signing)
      let refused = await identity.refusal {
        try await identity.accounts.getMe(
          Identity.GetMeRequest(), options: identity.by(one.token))
      }
      #expect(refused == "TOKEN_INVALID")
      let pair = try await identity.refresh(one.tokens.refreshToken)
      identity.time.advance(by: .seconds(2))
      #expect(identity.keyName(of: pair) == key.id)
      _ = try await identity.accounts.getMe(
        Identity.GetMeRequest(), options: identity.by(pair.accessToken))
    }
  }

  @Test func `passkeys have their place and are not there yet`() async throws {
    try await TestIdentity.run { identity in
      let refusal = await identity.refusal {
        try await identity.sessions.beginPasskeySignIn(
          Identity.BeginPasskeySignInRequest(id: identity.newID()), options: identity.by())
      }
      #expect(refusal == "FEATURE_ABSENT")
    }
  }
}
