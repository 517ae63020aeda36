import Access
import AccessTesting
import Platform
import Testing

@Suite struct PermissionTests {
  @Test func `the table is the list of options.proto`() throws {
    let grants = try ContractRules().grants
    #expect(grants.count == Permission.all.count && grants.count > 60)
    let company = UUID(high: 1, low: 1)
    for (grant, permission) in zip(grants, Permission.all) {
      #expect(permission.description == grant.name)
      for role in Role.allCases {
        let caller = Caller.person(.null, session: .null, organisation: company, roles: [role])
        #expect(
          caller.holdsEverywhere(permission) == grant.programme.contains(role),
          "\(grant.name) \(role)")
        #expect(
          caller.holds(permission, in: company)
            == (grant.own.contains(role) || grant.programme.contains(role)),
          "\(grant.name) \(role)")
      }
    }
  }

  @Test func `every permission is demanded by some method`() throws {
    let demanded = Set(try ContractRules().rules.map(\.permission))
    for permission in Permission.all {
      #expect(demanded.contains(permission.description), "\(permission)")
    }
  }

  @Test func `a name that is not on the list is no permission`() {
    #expect(Permission(name: "identity.everything") == nil)
    #expect(Permission(name: "") == nil)
  }

  @Test func `roles have the names of the list`() {
    for role in Role.allCases { #expect(Role(name: role.name) == role) }
    #expect(Role(name: "root") == nil)
  }
}
