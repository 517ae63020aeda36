import IdentityContracts
import RPC
import RPCContracts
import ServiceKit
import Testing
import WellKnownTypes

@testable import IdentityService

@Suite struct IdentityErrorTests {
  /// What the contract's comments say comes with each reason.
  @Test(arguments: 1...40)
  func `every reason of the contract has its code and words`(_ number: Int) throws {
    let error = IdentityError.refused(Identity.ErrorReason(rawValue: Int32(number))).rpcError
    #expect(error.code != .internal)
    #expect(error.info?.domain == "identity")
    #expect(error.info?.reason.isEmpty == false)
    #expect(error.info?.reason.hasPrefix("ERROR_") == false)
  }

  @Test func `a router tells a caller what a handler throws`() {
    let error = RPCError(
      reporting: IdentityError.refused(.lockedOut, retryAfter: .milliseconds(1_500)))
    #expect(error.code == .resourceExhausted)
    #expect(error.info?.reason == "LOCKED_OUT")
    #expect(error.detail(SaraiRPC.RetryInfo.self)?.retryDelay?.nanos == 500_000_000)
  }
}
