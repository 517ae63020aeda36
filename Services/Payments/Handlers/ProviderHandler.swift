import Access
import PaymentsContracts
import Platform
import Providers
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// `sarai.payments.v1.ProviderService`.
struct ProviderHandler: Payments.ProviderService {
  let context: TradeContext
  let desk: ProviderDesk

  private var book: ProviderBook { desk.book }

  // MARK: Providers

  func listProviders(
    _ request: Payments.ListProvidersRequest, _ call: CallContext
  ) async throws -> Payments.ListProvidersResponse {
    let page = try Page(\.page, of: request, caller: call.caller.actorID, call)
    let seesAll = call.caller.holdsEverywhere("payments.provider.admin")
    let (providers, next) = try await context.database.read { session in
      try TradeTables.providers.page(page, [], in: session)
    }
    let wanted = providers.filter {
      (request.direction == .unspecified || $0.directions.contains(request.direction))
        && (request.currencyCode.isEmpty || $0.currencyCodes.contains(request.currencyCode))
    }
    let shown = wanted.map { provider in
      seesAll
        ? provider
        : Payments.Provider(
          id: provider.id, providerCode: provider.providerCode, name: provider.name,
          kind: provider.kind, directions: provider.directions,
          currencyCodes: provider.currencyCodes, enabled: provider.enabled)
    }
    return Payments.ListProvidersResponse(providers: shown, page: next)
  }

  func createProvider(
    _ request: Payments.CreateProviderRequest, _ call: CallContext
  ) async throws -> Payments.Provider {
    var provider = request.provider ?? Payments.Provider()
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    try check(provider, &faults)
    let now = context.now
    provider.id = request.id
    provider.stamp = .made(by: call.caller.actor, at: now)
    provider.reachable = true
    return try await context.base.once(
      request, request.id, of: Payments.ProviderServiceMethods.createProvider, call
    ) { [provider] session in
      let others = try TradeTables.providers.all(
        [.init("code = ?", .text(provider.providerCode))], in: session)
      guard others.isEmpty else {
        throw PaymentsError.refused(.providerExists, "the code is in use: take another")
      }
      try requireAccount(of: provider, in: session)
      try TradeTables.providers.insert(
        provider.id, state: provider.enabled ? 1 : 0, sort: now.wholeMicroseconds, provider,
        .text(provider.providerCode), nil, nil, nil, in: session)
      return provider
    }
  }

  func updateProvider(
    _ request: Payments.UpdateProviderRequest, _ call: CallContext
  ) async throws -> Payments.Provider {
    let actor = call.caller.actor
    let changes = request.provider ?? Payments.Provider()
    return try await context.database.write { session in
      guard var provider = try TradeTables.providers.find(request.id, in: session) else {
        throw PaymentsError.notFound("provider")
      }
      if request.expectedVersion != 0, request.expectedVersion != provider.stamp?.version {
        throw RPCError(
          .aborted, reason: "VERSION_MISMATCH",
          "the provider has changed meanwhile: read it again, then repeat the change")
      }
      var faults = FieldFaults()
      if request.updateMask?.paths.isEmpty ?? true {
        faults.add("update_mask", "REQUIRED", "name what to change")
      }
      for path in request.updateMask?.paths ?? [] {
        switch path {
        case "name": provider.name = changes.name
        case "directions": provider.directions = changes.directions
        case "base_url": provider.baseUrl = changes.baseUrl
        case "enabled": provider.enabled = changes.enabled
        case "request_timeout": provider.requestTimeout = changes.requestTimeout
        default: faults.add("update_mask", "UNKNOWN_PATH", "`\(path)` cannot be changed")
        }
      }
      try check(provider, &faults)
      provider.stamp = provider.stamp.changed(by: actor, at: context.now)
      try session.execute(
        "UPDATE provider SET state = $2, content = $3 WHERE id = $1", .text(provider.id),
        .flag(provider.enabled), .bytes(try provider.encoded(as: .native)))
      return provider
    }
  }

  private func check(_ provider: Payments.Provider, _ faults: inout FieldFaults) throws {
    faults.text(provider.providerCode, "provider.provider_code", lengthMin: 1, lengthMax: 40)
    if provider.providerCode.lowercased() != provider.providerCode {
      faults.add("provider.provider_code", "NOT_LOWER_CASE", "use lower-case letters")
    }
    if provider.currencyCodes.isEmpty {
      faults.add("provider.currency_codes", "REQUIRED", "name at least one currency")
    }
    if provider.directions.isEmpty {
      faults.add("provider.directions", "REQUIRED", "say which ways money goes")
    }
    if let timeout = provider.requestTimeout?.duration,
      !(Duration.seconds(1)...Duration.seconds(120)).contains(timeout)
    {
      faults.add("provider.request_timeout", "OUT_OF_RANGE", "give 1 s to 2 min")
    }
    try faults.check()
    // The simulator runs beside the service and has no certificate.
    let isLocal =
      provider.kind == .simulator
      && (provider.baseUrl.hasPrefix("http://127.0.0.1:")
        || provider.baseUrl.hasPrefix("http://localhost:"))
    guard provider.baseUrl.hasPrefix("https://") || isLocal, !provider.baseUrl.hasSuffix("/") else {
      throw PaymentsError.refused(
        .addressForbidden, "give an absolute https URL without a slash at its end")
    }
  }

  private func requireAccount(
    of provider: Payments.Provider, in session: any SQLSession
  ) throws {
    guard let id = UUID(provider.accountId),
      let account = try context.ledger.account(id, at: context.now, in: session)
    else { throw PaymentsError.refused(.accountMissing, "open the provider's account first") }
    guard account.currencyCode == provider.currencyCodes.first else {
      throw PaymentsError.refused(
        .currencyDiffers, "the account must be in the provider's first currency")
    }
  }

  func setProviderSecret(
    _ request: Payments.SetProviderSecretRequest, _ call: CallContext
  ) async throws -> Payments.Provider {
    guard (32...64).contains(request.secret.count) else {
      var faults = FieldFaults()
      faults.add("secret", "OUT_OF_RANGE", "give 32 to 64 bytes")
      try faults.check()
      throw PaymentsError.notFound("provider")
    }
    return try await context.database.write { session in
      guard let provider = try TradeTables.providers.find(request.id, in: session) else {
        throw PaymentsError.notFound("provider")
      }
      try desk.secrets.set(
        request.secret, of: provider.id, at: context.now, context.random, in: session)
      return provider
    }
  }

  // MARK: Requests

  func listProviderRequests(
    _ request: Payments.ListProviderRequestsRequest, _ call: CallContext
  ) async throws -> Payments.ListProviderRequestsResponse {
    let page = try Page(\.page, of: request, caller: call.caller.actorID, call)
    var conditions: [RecordTable<Payments.ProviderRequest>.Condition] = []
    if !request.providerCode.isEmpty {
      conditions.append(.init("provider_code = ?", .text(request.providerCode)))
    }
    if request.state != .unspecified {
      conditions.append(.init("state = ?", .integer(Int64(request.state.rawValue))))
    }
    if !request.referenceId.isEmpty {
      conditions.append(.init("reference_id = ?", .text(request.referenceId)))
    }
    let (found, next) = try await context.database.read { [conditions] session in
      try TradeTables.requests.page(page, conditions, in: session)
    }
    return Payments.ListProviderRequestsResponse(providerRequests: found, page: next)
  }

  func getProviderRequest(
    _ request: Payments.GetProviderRequestRequest, _ call: CallContext
  ) async throws -> Payments.ProviderRequest {
    try await find(request.id)
  }

  private func find(_ id: String) async throws -> Payments.ProviderRequest {
    try await context.database.read { session in try book.entry(id, in: session).request }
  }

  func askProviderAgain(
    _ request: Payments.AskProviderAgainRequest, _ call: CallContext
  ) async throws -> Payments.ProviderRequest {
    _ = try await find(request.id)
    try await desk.ask(WorkQueue.Item(kind: .askProvider, subject: request.id, attempts: 0))
    return try await find(request.id)
  }

  func settleProviderRequest(
    _ request: Payments.SettleProviderRequestRequest, _ call: CallContext
  ) async throws -> Payments.ProviderRequest {
    var faults = FieldFaults()
    faults.text(request.proof, "proof", lengthMin: 1, lengthMax: 1_000, isParagraph: true)
    faults.text(request.providerReference, "provider_reference", lengthMax: 100)
    try faults.check()
    let caller = call.caller
    let settlement = ProviderRequestMachine.Settlement(
      succeeded: request.succeeded, reference: request.providerReference, makerID: caller.actorID)
    return try await context.database.write { session in
      try book.apply(
        .settled(settlement), to: request.id, attempt: nil, by: caller.actor, in: session)
    }
  }

  // MARK: Call-backs

  func receiveCallback(
    _ request: Payments.ReceiveCallbackRequest, _ call: CallContext
  ) async throws -> Payments.ReceiveCallbackResponse {
    let signature = BodySignature(
      timestamp: call.metadata[BodySignature.timestampField] ?? "",
      signature: call.metadata[BodySignature.signatureField] ?? "")
    let now = context.now
    let secrets = try await context.database.read { session -> [[UInt8]] in
      let found = try TradeTables.providers.all(
        [.init("code = ?", .text(request.providerCode))], in: session)
      guard let provider = found.first else { return [] }
      return try desk.secrets.open(of: provider.id, at: now, in: session)
    }
    guard request.body.count <= 64 << 10,
      signature.verifies(request.body, secrets: secrets, at: now)
    else {
      throw PaymentsError.refused(.signatureWrong, "the signature or its time is wrong")
    }
    let mismatch = PaymentsError.refused(
      .callbackMismatch, "id, amount, currency or outcome is not what we asked for")
    guard let outcome = try? ProviderWire.Outcome(decoding: request.body, as: .json) else {
      throw mismatch
    }
    let isTaken = try await context.database.write { session in
      guard let entry = try? book.entry(outcome.id, in: session),
        entry.request.providerCode == request.providerCode
      else { return false }
      let answer = ProviderAnswer(outcome, of: entry.payment, httpStatus: 0)
      let state = entry.machine.state
      var event: ProviderRequestMachine.Event = .unclear
      var fault = answer.fault
      switch answer.verdict {
      case .succeeded(let reference):
        if state == .succeeded { return true }
        if state == .failed { fault = "outcome" } else { event = .succeeded(reference: reference) }
      case .failed:
        if state == .failed { return true }
        if state == .succeeded || state == .waiting { fault = "outcome" } else { event = .failed }
      default: break
      }
      try book.apply(
        event, to: outcome.id,
        attempt: Payments.ProviderAttempt(
          kind: .callback, providerAnswer: answer.word, fault: fault), by: .house, in: session)
      return fault.isEmpty
    }
    guard isTaken else { throw mismatch }
    return Payments.ReceiveCallbackResponse()
  }
}
