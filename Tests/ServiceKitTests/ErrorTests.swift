import RPC
import RPCContracts
import ServiceKit
import Storage
import Testing
import WellKnownTypes
import Wire

@Suite struct ErrorTests {
  @Test func `a failure tells programs its reason, its facts and when to come again`() throws {
    let error = RPCError(
      .unavailable, "the bank is closed", reason: .dependencyDown, facts: ["dependency": "bank"],
      retryAfter: .milliseconds(1_500))
    let info = try #require(error.info)
    #expect(info.reason == "DEPENDENCY_DOWN" && info.domain == "rpc")
    #expect(info.metadata["dependency"] == "bank")
    #expect(
      error.detail(SaraiRPC.RetryInfo.self)?.retryDelay?.duration == .milliseconds(1_500))
    #expect(
      error.details.map(\.typeURL) == [
        "type.googleapis.com/sarai.rpc.v1.ErrorInfo", "type.googleapis.com/sarai.rpc.v1.RetryInfo",
      ])
  }

  @Test func `a service's own reason bears its name`() {
    let error = RPCError(
      .failedPrecondition, reason: "STOCK_SHORT", domain: "catalog", "2 are left")
    #expect(error.info?.reason == "STOCK_SHORT" && error.info?.domain == "catalog")
  }

  @Test(arguments: [
    (StorageError.Code.busy, RPCCode.resourceExhausted), (.conflict, .aborted),
    (.unavailable, .unavailable), (.outcomeUnknown, .unavailable), (.tooSlow, .unavailable),
    (.stopped, .unavailable), (.invalid, .internal), (.unfit, .internal),
    (.constraint(.unique), .internal),
  ])
  func `what the database says is for the log, what the caller can do is told`(
    _ code: StorageError.Code, _ expected: RPCCode
  ) {
    let error = RPCError(reporting: StorageError(code, "table account, row 7"))
    #expect(error.code == expected)
    #expect(!error.message.contains("account"))
  }
}
