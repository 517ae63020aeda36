import AccessTesting
import Testing

@testable import IdentityService

/// Nobody reaches another company's things, nor another person's, by any method.
@Suite struct AccessTests {
  private static let package = "sarai.identity.v1"

  @Test func `every method declares what it reaches`() throws {
    let undeclared = AccessMatrix.undeclared(
      .ofIdentity, package: Self.package, try ContractRules())
    #expect(undeclared == [])
  }

  @Test func `a method that declares nothing would be found`() throws {
    var some = [String: Reach].ofIdentity
    some["VerificationService.GetCase"] = nil
    some["SessionService.SignOut"] = .programme
    #expect(
      AccessMatrix.undeclared(some, package: Self.package, try ContractRules()) == [
        "SessionService.SignOut is declared as programme, which its access rule is not",
        "VerificationService.GetCase does not declare what it reaches",
      ])
  }

  @Test func `no role of another company reaches anything by any method`() async throws {
    try await TestIdentity.run { identity in
      let contracts = try ContractRules()
      let matrix = AccessMatrix(
        AccessProbe(identity.transport, contracts), contracts, .ofIdentity
      ) { try await identity.accessScene() }
      let (faults, calls) = try await matrix.run(package: Self.package)
      #expect(faults == [], "\(faults.joined(separator: "\n"))")
      #expect(calls > 500)
    }
  }
}
