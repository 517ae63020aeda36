import IdentityContracts
import PaymentsContracts
import Platform
import RPC
import Storage
import TypeContracts

/// What wallets need to know of their owners; identity knows it.
protocol WalletOwners: Sendable {
  /// The verified telephone number of a person; nil if there is none.
  func verifiedPhone(of person: UUID) async throws -> String?
  /// Whether a company is verified.
  func isVerified(_ organisation: UUID) async throws -> Bool
  /// The name of a person.
  func name(of person: UUID) async throws -> String
}

/// Asks identity.
struct IdentityOwners<Transport: ClientTransport>: WalletOwners {
  let transport: Transport
  /// How long an answer is awaited.
  var timeout: Duration = .seconds(5)

  func verifiedPhone(of person: UUID) async throws -> String? {
    do throws(RPCError) {
      let contact = try await Identity.AccountServiceClient(transport).getPrimaryContact(
        Identity.GetPrimaryContactRequest(personId: person.description, kind: .phone),
        options: CallOptions(timeout: timeout))
      return contact.address
    } catch {
      if error.code == .notFound { return nil }
      throw error
    }
  }

  func isVerified(_ organisation: UUID) async throws -> Bool {
    let answer = try await Identity.VerificationServiceClient(transport)
      .batchGetVerificationStatus(
        Identity.BatchGetVerificationStatusRequest(organisationIds: [organisation.description]),
        options: CallOptions(timeout: timeout))
    return answer.statuses.first?.state == .verified
  }

  func name(of person: UUID) async throws -> String {
    let answer = try await Identity.AccountServiceClient(transport).batchGetPeople(
      Identity.BatchGetPeopleRequest(ids: [person.description]),
      options: CallOptions(timeout: timeout))
    return answer.people.first?.displayName ?? ""
  }
}

/// Asks providers for money; its end comes later, to `WalletBook.topUpEnded`.
protocol TopUpGate: Sendable {
  /// Writes down what is to be asked, in the transaction of the payment.
  ///
  /// - Returns: the request's id, and where the payer agrees, if that is known.
  func open(
    providerCode: String, amount: SaraiType.Money, payment: String, instrumentToken: String,
    by actor: SaraiType.Actor, in session: any SQLSession
  ) throws -> (requestID: String, redirectURL: String)
}
