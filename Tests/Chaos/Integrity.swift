import OperationsContracts
import RPC
import RPCTransport

/// What a service finds when it checks its own store.
enum Integrity {
  static func faults(
    of service: String, _ client: RPCClient, options: CallOptions
  ) async throws -> [String] {
    try await Operations.RuntimeServiceClient(client).checkIntegrity(
      Operations.CheckIntegrityRequest(serviceName: service), options: options
    ) { answers in
      var last: Operations.CheckIntegrityResponse?
      for try await answer in answers { last = answer }
      guard let last, last.finished else { return ["the integrity check has no end"] }
      return last.faults
    }
  }
}
