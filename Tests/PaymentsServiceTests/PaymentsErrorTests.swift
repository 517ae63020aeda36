import PaymentsContracts
import RPC
import RPCContracts
import ServiceKit
import Testing
import Wire

@testable import PaymentsService

@Suite struct PaymentsErrorTests {
  @Test(arguments: [
    (Payments.TransferOutcome.fundsShort, RPCCode.failedPrecondition, "FUNDS_SHORT", "payments"),
    (.pendingTimedOut, .failedPrecondition, "PENDING_TIMED_OUT", "payments"),
    (.fieldInvalid, .invalidArgument, "FIELD_INVALID", "rpc"),
  ])
  func `a refusal of the ledger bears the name of its outcome`(
    outcome: Payments.TransferOutcome, code: RPCCode, reason: String, domain: String
  ) throws {
    let error = PaymentsError.transferRefused(outcome, outcome.advice, available: 7).rpcError
    #expect(error.code == code)
    let info = try #require(error.info)
    #expect(info.reason == reason)
    #expect(info.domain == domain)
    #expect(info.metadata["available"] == (outcome == .fundsShort ? "7" : nil))
  }

  @Test func `every reason of the contract has a name without its prefix`() {
    for number in Int32(1)...54 {
      #expect(!Payments.ErrorReason(rawValue: number).wireName.isEmpty)
    }
  }
}
