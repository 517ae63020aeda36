import Access
import Platform
import RPC
import Testing

@Suite struct CallerTests {
  private let ours = UUID(high: 1, low: 1)
  private let theirs = UUID(high: 1, low: 2)
  private let person = UUID(high: 2, low: 1)
  private let session = UUID(high: 3, low: 1)

  private func member(_ roles: Role...) -> Caller {
    .person(person, session: session, organisation: ours, roles: Set(roles))
  }

  private func code(_ body: () throws -> Void) -> RPCCode {
    do {
      try body()
      return .ok
    } catch {
      return (error as? RPCError)?.code ?? .unknown
    }
  }

  @Test func `a role of a company reaches no further than it`() {
    let owner = member(.owner)
    #expect(owner.holds("payments.payout.write", in: ours))
    #expect(!owner.holds("payments.payout.write", in: theirs))
    #expect(!owner.holds("payments.payout.write", in: nil))
    #expect(!member(.viewer).holds("payments.payout.write", in: ours))
  }

  @Test func `a role of the authority covers the whole programme`() {
    let officer = member(.officer)
    #expect(officer.holds("identity.case.review", in: theirs))
    #expect(officer.holdsEverywhere("identity.case.read"))
    #expect(!officer.holds("payments.refund.make", in: theirs))
  }

  @Test func `the owner of the authority sees no company`() {
    #expect(!member(.owner, .trainer).holds("identity.case.read", in: theirs))
  }

  @Test func `a key has what it was given, in its organisation`() {
    let key = Caller.apiKey(
      session, organisation: ours,
      permissions: ["catalog.product.read", "catalog.listing.moderate"])
    #expect(key.holds("catalog.product.read", in: ours))
    #expect(!key.holds("catalog.product.read", in: theirs))
    #expect(key.holds("catalog.listing.moderate", in: theirs))
    #expect(!key.holds("catalog.product.write", in: ours))
  }

  @Test func `a service is bound by its caller list alone`() {
    let service = Caller.service("payments")
    #expect(service.holds("payments.ledger.write", in: theirs))
    #expect(code { try service.requireOwner(of: theirs) } == .ok)
    #expect(code { try service.requirePerson(person) } == .ok)
  }

  @Test(arguments: [Caller.anonymous(via: "gateway"), .certificate("operator")])
  func `without a token there are no rights`(_ caller: Caller) {
    for permission in Permission.all {
      #expect(!caller.holds(permission, in: ours))
      #expect(!caller.holds(permission, in: nil))
    }
    #expect(code { try caller.requireOwner(of: nil) } == .notFound)
    #expect(code { try caller.requirePerson(person) } == .notFound)
  }

  @Test func `another's resource does not exist`() {
    let owner = member(.owner).demanding("identity.case.read")
    #expect(code { try owner.requireOwner(of: ours) } == .ok)
    #expect(code { try owner.requireOwner(of: theirs) } == .notFound)
    #expect(code { try owner.requireOwner(of: nil) } == .notFound)
    let officer = member(.officer).demanding("identity.case.read")
    #expect(code { try officer.requireOwner(of: theirs) } == .ok)
    #expect(code { try member(.owner).requireOwner(of: theirs) } == .notFound)
    #expect(code { try member(.owner).requirePerson(session) } == .notFound)
    #expect(code { try member(.owner).requirePerson(person) } == .ok)
  }

  @Test func `a person's own things need no permission, nor an organisation`() {
    let person = Caller.person(person, session: session).demanding("payments.wallet.write")
    #expect(code { try person.requireOwner(of: nil, or: self.person) } == .ok)
    #expect(code { try person.requireOwner(of: nil, or: session) } == .notFound)
    #expect(code { try person.requireOwner(of: theirs, or: nil) } == .notFound)
    #expect(code { try Caller.anonymous().requireOwner(of: nil, or: nil) } == .notFound)
    let viewer = member(.viewer).demanding("payments.wallet.write")
    #expect(code { try viewer.requireOwner(of: ours, or: nil) } == .permissionDenied)
  }

  @Test func `a missing right is told as such`() {
    #expect(
      code { try member(.viewer).require("catalog.stock.write", in: ours) }
        == .permissionDenied)
    #expect(code { try member(.warehouse).require("catalog.stock.write", in: ours) } == .ok)
  }
}
