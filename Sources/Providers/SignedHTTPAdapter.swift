public import HTTPClient
public import Platform
internal import Wire

/// Speaks signed JSON over HTTP, as `Proto/sarai/provider/v1/provider.proto` says.
public struct SignedHTTPAdapter: ProviderAdapter {
  private let exchange: any HTTPExchange
  private let time: any TimeSource

  /// An adapter over a network.
  public init(_ exchange: any HTTPExchange, time: any TimeSource) {
    self.exchange = exchange
    self.time = time
  }

  /// Has money moved.
  public func send(
    _ payment: ProviderWire.Payment, to endpoint: ProviderEndpoint
  ) async -> ProviderAnswer {
    await post(payment, to: "/v1/payments", endpoint, about: payment)
  }

  /// Asks how a payment ended.
  public func ask(
    _ payment: ProviderWire.Payment, at endpoint: ProviderEndpoint
  ) async -> ProviderAnswer {
    await post(
      ProviderWire.Inquiry(id: payment.id), to: "/v1/inquiries", endpoint, about: payment)
  }

  private func post(
    _ message: some Message, to path: String, _ endpoint: ProviderEndpoint,
    about payment: ProviderWire.Payment
  ) async -> ProviderAnswer {
    guard let secret = endpoint.secrets.first, let body = try? message.encoded(as: .json) else {
      return ProviderAnswer(.notSent, fault: "secret")
    }
    let signature = BodySignature(of: body, secret: secret, at: time.sinceEpoch())
    let request = HTTPRequest(
      url: endpoint.baseURL + path,
      fields: [
        HTTPField("content-type", "application/json"),
        HTTPField(BodySignature.timestampField, signature.timestamp),
        HTTPField(BodySignature.signatureField, signature.signature),
      ], body: body, timeout: endpoint.timeout)
    do throws(HTTPFailure) {
      return read(try await exchange.send(request), endpoint, about: payment)
    } catch {
      switch error {
      case .notSent(let word): return ProviderAnswer(.notSent, word: word, fault: "unreachable")
      case .unanswered(let word): return ProviderAnswer(.unclear, word: word, fault: "timeout")
      }
    }
  }

  /// What an answer says; one that is not signed by the provider says nothing.
  private func read(
    _ response: HTTPResponse, _ endpoint: ProviderEndpoint, about payment: ProviderWire.Payment
  ) -> ProviderAnswer {
    let signature = BodySignature(
      timestamp: response.fields[BodySignature.timestampField] ?? "",
      signature: response.fields[BodySignature.signatureField] ?? "")
    guard
      signature.verifies(response.body, secrets: endpoint.secrets, at: time.sinceEpoch())
    else {
      return ProviderAnswer(.unclear, httpStatus: response.status, fault: "signature")
    }
    guard response.status == 200,
      let outcome = try? ProviderWire.Outcome(decoding: response.body, as: .json)
    else { return ProviderAnswer(.unclear, httpStatus: response.status, fault: "form") }
    return ProviderAnswer(outcome, of: payment, httpStatus: response.status)
  }
}
