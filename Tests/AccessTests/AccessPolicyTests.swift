import Access
import AccessTesting
import CatalogContracts
import GatewayContracts
import IdentityContracts
import OnboardingContracts
import OperationsContracts
import PaymentsContracts
import RPC
import SchemaCompiler
import Testing

@Suite struct AccessPolicyTests {
  private func policy() throws -> AccessPolicy {
    try AccessPolicy([
      IdentityDescriptors.fileDescriptorSet, CatalogDescriptors.fileDescriptorSet,
      PaymentsDescriptors.fileDescriptorSet, OnboardingDescriptors.fileDescriptorSet,
      OperationsDescriptors.fileDescriptorSet, GatewayDescriptors.fileDescriptorSet,
    ])
  }

  @Test func `the rules are those of the contracts`() throws {
    let policy = try policy()
    let keys = try #require(policy[Identity.SessionServiceMethods.getKeySet.descriptor])
    #expect(keys.audience == .anyone)
    #expect(keys.callers == ["gateway", "catalog", "payments", "onboarding", "operator"])
    let make = try #require(policy[Identity.CredentialServiceMethods.createApiKey.descriptor])
    #expect(make.audience == .permission("identity.api_key.write") && make.needsStepUp)
    #expect(make.organisationField == "organisation_id")
    #expect(make.callers == ["gateway", "operator"])
    let revocations = try #require(
      policy[Identity.SessionServiceMethods.streamRevocations.descriptor])
    #expect(revocations.audience == .service)
    let me = try #require(policy[Identity.AccountServiceMethods.getMe.descriptor])
    #expect(me.audience == .person && me.organisationField == nil)
  }

  @Test func `a method without a rule refuses to start`() throws {
    let policy = try policy()
    var router = Router()
    router.unary(
      Method<Identity.GetMeRequest, Identity.GetMeResponse>(
        service: "sarai.identity.v1.AccountService", name: "Forgotten", kind: .unary)
    ) { _, _ in Identity.GetMeResponse() }
    let error = #expect(throws: AccessPolicyError.self) { try policy.check(router) }
    #expect(
      error?.description
        == "/sarai.identity.v1.AccountService/Forgotten has no access rule in the schema")
  }

  private struct Source: SchemaSource {
    let own: String

    func text(at path: String) -> [UInt8]? {
      if path == "own.proto" { return Array(own.utf8) }
      return ContractRules.Files().text(at: path)
    }
  }

  @Test(arguments: [
    ("", "", "has no access rule"),
    ("", "option (sarai.options.v1.access) = { audience: AUDIENCE_ANYONE };", "names no callers"),
    (
      #"option (sarai.options.v1.callers) = { services: ["gateway"] };"#,
      "option (sarai.options.v1.access) = { step_up: true };", "names no audience"
    ),
    (
      #"option (sarai.options.v1.callers) = { services: ["gateway"] };"#,
      """
      option (sarai.options.v1.access) =
        { audience: AUDIENCE_PERMISSION permission: "identity.everything" };
      """, "demands `identity.everything`, which is no permission"
    ),
  ])
  func `a rule that is wrong refuses to start`(
    _ serviceOption: String, _ option: String, _ fault: String
  ) throws {
    let source = Source(
      own: """
        syntax = "proto3";
        package own;
        import "sarai/options/v1/options.proto";
        message M {}
        service S {
          \(serviceOption)
          rpc Call(M) returns (M) { \(option) }
        }
        """)
    let schema = try #require(Compilation(["own.proto"], from: source).schema)
    let set = schema.descriptorSet(withSourceInfo: false)
    let error = #expect(throws: AccessPolicyError.self) { try AccessPolicy([set]) }
    #expect(error?.description == "own.S/Call \(fault)")
  }

  @Test func `bytes that are no descriptors are refused`() {
    #expect(throws: AccessPolicyError.self) { try AccessPolicy([[1, 2, 3]]) }
  }
}
