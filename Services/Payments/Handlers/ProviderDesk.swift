import Access
import PaymentsContracts
import Platform
import Providers
import Storage
import WellKnownTypes

/// Speaks to providers: sends each request once, then asks until its outcome is certain.
struct ProviderDesk: Sendable {
  let context: TradeContext
  let adapter: any ProviderAdapter
  let secrets: ProviderSecrets

  var book: ProviderBook { ProviderBook(context: context) }

  /// Does the next thing for a request: sends it if it was not, else asks.
  func ask(_ item: WorkQueue.Item) async throws {
    let id = item.subject
    let entry = try await context.database.read { session in try book.entry(id, in: session) }
    if entry.machine.state.isTerminal {
      try await context.database.write { session in
        try WorkQueue.remove(.askProvider, id, in: session)
      }
      return
    }
    let (provider, endpoint) = try await endpoint(entry.request.providerCode)
    let isFirst = entry.machine.state == .waiting
    if isFirst {
      guard provider.enabled else {
        return try await context.database.write { session in
          try book.askAgain(id, item, in: session)
        }
      }
      // Written down before a byte leaves: whoever comes after a kill asks and does not send.
      let isMine = try await context.database.write { session in
        guard try book.entry(id, in: session).machine.state == .waiting else { return false }
        try book.apply(.sendStarted, to: id, attempt: nil, by: .house, in: session)
        try book.askAgain(id, item, in: session)
        return true
      }
      guard isMine else { return }
    }
    let answer =
      isFirst
      ? await adapter.send(entry.payment, to: endpoint)
      : await adapter.ask(entry.payment, at: endpoint)
    try await record(answer, isFirst ? .send : .ask, item)
  }

  /// The same at once; what fails is left to the job that does it later.
  func tryAsk(_ id: String) async {
    try? await ask(WorkQueue.Item(kind: .askProvider, subject: id, attempts: 0))
  }

  private func record(
    _ answer: ProviderAnswer, _ kind: Payments.ProviderAttemptKind, _ item: WorkQueue.Item
  ) async throws {
    try await context.database.write { session in
      let state = try book.entry(item.subject, in: session).machine.state
      // A call-back was faster.
      guard !state.isTerminal else { return }
      let event: ProviderRequestMachine.Event =
        switch answer.verdict {
        // Who asks and cannot connect knows as much as before.
        case .notSent: kind == .send ? .notSent : .unclear
        case .succeeded(let reference): .succeeded(reference: reference)
        case .failed: .failed
        case .unclear: .unclear
        case .notKnown: .notKnown
        }
      try book.apply(
        event, to: item.subject,
        attempt: Payments.ProviderAttempt(
          kind: kind, httpStatus: Int32(answer.httpStatus), providerAnswer: answer.word,
          fault: answer.fault), by: .house, in: session)
      try book.askAgain(item.subject, item, in: session)
    }
  }

  private func endpoint(
    _ code: String
  ) async throws -> (Payments.Provider, ProviderEndpoint) {
    let now = context.now
    return try await context.database.read { session in
      let provider = try book.provider(code, in: session)
      return (
        provider,
        ProviderEndpoint(
          baseURL: provider.baseUrl,
          secrets: try secrets.open(of: provider.id, at: now, in: session),
          timeout: provider.requestTimeout?.duration ?? .seconds(30))
      )
    }
  }
}
