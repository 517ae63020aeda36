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
      .failedPrecondition, "2 are left", reason: "STOCK_SHORT", domain: "catalog",
      facts: ["available": "2"], retryAfter: .milliseconds(1_500))
    let info = try #require(error.detail(SaraiRPC.ErrorInfo.self))
    #expect(info.reason == "STOCK_SHORT" && info.domain == "catalog")
    #expect(info.metadata["available"] == "2")
    #expect(
      error.detail(SaraiRPC.RetryInfo.self)?.retryDelay?.duration == .milliseconds(1_500))
    #expect(
      error.details.map(\.typeURL) == [
        "type.googleapis.com/sarai.rpc.v1.ErrorInfo", "type.googleapis.com/sarai.rpc.v1.RetryInfo",
      ])
  }

  @Test func `all faults of a request are told at once, a hundred at most`() throws {
    var faults = FieldFaults()
    try faults.check()
    for number in 0..<150 { faults.add("items[\(number)]", "REQUIRED", "give it a value") }
    let error = #expect(throws: RPCError.self) { try faults.check() }
    let violations = error?.detail(SaraiRPC.FieldViolations.self)?.violations
    #expect(violations?.count == 100)
    #expect(violations?[7].field == "items[7]")
    #expect(error?.code == .invalidArgument && error?.reason == "FIELD_INVALID")
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
