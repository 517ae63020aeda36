import Access
import IdentityContracts
import RPC
import Testing
import TypeContracts

@testable import IdentityService

@Suite struct OrganisationRuleTests {
  @Test(arguments: [
    ("3520212345671", true), ("8520212345671", false), ("3520212345670", false),
    ("352021234567", false), ("35202-1234567-1", false), ("35202123456७1", false), ("", false),
  ])
  func `a CNIC has 13 digits, an area from 1 to 7 and a sex`(_ text: String, _ isGood: Bool) {
    #expect(RegisterNumber.isCNIC(text) == isGood)
  }

  @Test(arguments: [
    ("0012345", true), ("SECP-0012/345", true), ("ABC", false), (" 12", false), ("", false),
    (String(repeating: "1", count: 33), false), ("12;3", false),
  ])
  func `a registration number is short, plain and has a digit`(_ text: String, _ isGood: Bool) {
    #expect(RegisterNumber.isRegistration(text) == isGood)
  }

  @Test(arguments: [
    ("203.0.113.0/24", "203.0.113.77", true), ("203.0.113.0/24", "203.0.114.1", false),
    ("0.0.0.0/0", "8.8.8.8", true), ("2001:db8::/32", "2001:db8:1::9", true),
    ("2001:db8::/32", "2001:db9::1", false), ("10.0.0.1/32", "::ffff:10.0.0.1", true),
    ("10.0.0.1/32", "no address", false),
  ])
  func `a network holds the addresses of its range`(
    _ network: String, _ address: String, _ isIn: Bool
  ) throws {
    #expect(try #require(Network(network)).contains(address) == isIn)
  }

  @Test(arguments: [
    "203.0.113.5/24", "203.0.113.0", "203.0.113.0/33", "1.2.3/8", "2001:db8::1/32", "::/129",
    "1::2::3/16", "01.2.3.4/32", "/8", "10.0.0.0/+8",
  ])
  func `what is no network is refused`(_ text: String) { #expect(Network(text) == nil) }

  @Test(
    arguments: [
      (2_024, 2, 29, true), (2_023, 2, 29, false), (1_900, 2, 29, false), (2_000, 2, 29, true),
      (2_024, 4, 31, false), (2_024, 13, 1, false), (1_899, 1, 1, false), (2_024, 1, 0, false),
    ] as [(Int32, Int32, Int32, Bool)])
  func `a date is a day of the calendar`(
    _ year: Int32, _ month: Int32, _ day: Int32, _ exists: Bool
  ) {
    #expect(SaraiType.CalendarDate(year: year, month: month, day: day).exists == exists)
  }

  @Test(
    arguments: [
      ([.seller], [.owner], .company, true),
      ([.owner], [.administrator], .company, false), ([.owner], [.owner], .company, true),
      ([.officer], [.owner], .company, false), ([.officer], [.administrator], .authority, true),
      ([.financeOperator], [.owner], .authority, false), ([.seller], [.owner], .platform, false),
      ([.viewer], [.seller], .company, false), ([.viewer], [], .company, false),
    ] as [(Set<Role>, Set<Role>, Identity.OrganisationKind, Bool)])
  func `roles are given within the kind, and none above one's own`(
    _ roles: Set<Role>, _ giver: Set<Role>, _ kind: Identity.OrganisationKind, _ may: Bool
  ) {
    #expect(RoleRules.mayGive(roles, as: giver, in: kind) == may)
  }

  @Test func `no one ends with more roles than a member may have`() {
    for kind in [Identity.OrganisationKind.company, .authority, .trainingProvider, .platform] {
      let all = RoleRules.roles(in: kind)
      #expect(RoleRules.onBecomingOwner(all).count <= RoleRules.countMax)
    }
    #expect(Set(bits: Set(Role.allCases).bits) == Set(Role.allCases))
  }

  @Test(arguments: [
    (Identity.LegalForm.soleProprietor, ["documents.ADDRESS_PROOF", "documents.TAX_CERTIFICATE"]),
    (
      .partnership,
      [
        "documents.ADDRESS_PROOF", "documents.PARTNERSHIP_DEED",
        "documents.REGISTRATION_CERTIFICATE", "documents.TAX_CERTIFICATE",
      ]
    ),
    (.foreign, ["documents.ADDRESS_PROOF", "documents.REGISTRATION_CERTIFICATE"]),
  ])
  func `each legal form demands its own documents`(
    _ form: Identity.LegalForm, _ expected: [String]
  ) {
    let missing = CompanyRules.missing(Identity.CompanyFacts(legalForm: form), [])
    let documents = missing.filter { $0.hasPrefix("documents.") && !$0.hasSuffix("IDENTITY_CARD") }
    #expect(documents.sorted() == expected)
  }

  @Test func `owners hold no more than the whole`() {
    let party = Identity.CompanyParty(
      id: "0192f5d4-7c1e-7a3b-9f00-2b1c3d4e5f60", shareBasisPoints: 6_000)
    var other = party
    other.id = "0192f5d4-7c1e-7a3b-9f00-2b1c3d4e5f61"
    #expect(throws: RPCError.self) {
      try CompanyRules.check(Identity.CompanyFacts(parties: [party, other]))
    }
    #expect(throws: RPCError.self) {
      try CompanyRules.check(Identity.CompanyFacts(parties: [party, party]))
    }
  }
}
