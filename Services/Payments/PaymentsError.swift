import PaymentsContracts
import RPC
import RPCContracts
import ServiceKit
import Wire

/// Why payments refuses a call; `rpcError` is the one place that says how a caller is told.
enum PaymentsError: RPCErrorConvertible, Sendable, Hashable {
  /// No such thing, or none that the caller may see.
  case notFound(String)
  /// A client-made id came with other content than before.
  case idReused(String)
  /// A refusal of the contract's list, in words that say what to do, with facts for programs.
  case refused(Payments.ErrorReason, String, [String: String] = [:])
  /// A transfer that the ledger refuses.
  case transferRefused(Payments.TransferOutcome, String, available: Int64)
  /// A limit of a tier or company is reached.
  case limitReached(String, SaraiRPC.QuotaViolation)
  /// A method that this release does not have yet.
  case featureAbsent(String)

  /// As the caller sees it.
  var rpcError: RPCError {
    switch self {
    case .notFound(let what):
      return RPCError(
        .notFound, "there is no such \(what), or none that you may see: check the id")
    case .idReused(let what):
      return RPCError(
        .alreadyExists, reason: "ID_REUSED",
        "this id was used for another \(what): repeat a call with the same content, and take a"
          + " fresh id for a new one")
    case .refused(let reason, let message, let metadata):
      return RPCError(
        reason.code, reason: reason.wireName, domain: "payments", metadata: FieldMap(metadata),
        message)
    case .transferRefused(let outcome, let message, let available):
      let name = Payments.TransferOutcome.layout.name(of: outcome.rawValue) ?? ""
      let isFault = outcome == .fieldInvalid
      return RPCError(
        isFault ? .invalidArgument : .failedPrecondition,
        reason: String(name.dropFirst("TRANSFER_OUTCOME_".count)),
        domain: isFault ? "rpc" : "payments",
        metadata: outcome == .fundsShort ? FieldMap(["available": "\(available)"]) : FieldMap(),
        message)
    case .limitReached(let message, let violation):
      return RPCError(
        .resourceExhausted, reason: "LIMIT_REACHED", domain: "payments", message,
        details: [RPCError.Detail(SaraiRPC.QuotaFailure(violations: [violation]))]
          .compactMap(\.self))
    case .featureAbsent(let what):
      return RPCError(
        .unimplemented, reason: "FEATURE_ABSENT",
        "\(what) come with a later release: see the README for what there is")
    }
  }
}

extension Payments.ErrorReason {
  /// The reason as ErrorInfo bears it: `FUNDS_SHORT`.
  var wireName: String {
    let name = Self.layout.name(of: rawValue) ?? ""
    return String(name.dropFirst("ERROR_REASON_".count))
  }

  /// The code that the contract gives the reason.
  var code: RPCCode {
    switch self {
    case .currencyUnknown, .qrInvalid, .documentRefused, .destinationInvalid, .addressForbidden,
      .statementBroken:
      .invalidArgument
    case .walletExists, .providerExists, .statementLoaded: .alreadyExists
    case .limitReached: .resourceExhausted
    case .catalogDown, .providerDown: .unavailable
    case .signatureWrong: .unauthenticated
    case .positionLost: .outOfRange
    default: .failedPrecondition
    }
  }
}
