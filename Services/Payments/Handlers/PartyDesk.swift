import IdentityContracts
import PaymentsContracts
import RPC

/// What payments asks identity for.
struct PartyDesk: Sendable {
  let transport: any ClientTransport
  /// How long an answer is awaited.
  var timeout: Duration = .seconds(5)

  /// Lets pass companies that are verified.
  ///
  /// - Throws: COMPANY_UNVERIFIED, or `unavailable` when identity does not answer.
  func requireVerified(_ organisation: String) async throws {
    let response = try await transport.unary(
      Identity.VerificationServiceMethods.batchGetVerificationStatus,
      Identity.BatchGetVerificationStatusRequest(organisationIds: [organisation]),
      options: CallOptions(timeout: timeout))
    guard response.statuses.first?.state == .verified else {
      throw PaymentsError.refused(
        .companyUnverified, "the company is not verified: have its verification case decided first")
    }
  }
}
