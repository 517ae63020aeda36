import Access
import OperationsContracts
import Platform
import RPC
import Storage
import TypeContracts

/// Limits and keys.
extension RuntimeHandler {
  // MARK: Limits

  func listLimits(
    _ request: Operations.ListLimitsRequest, _ context: CallContext
  ) async throws -> Operations.ListLimitsResponse {
    try checkName(request.serviceName)
    guard request.page?.cursor ?? "" == "" else {
      throw RPCError(
        .invalidArgument, "all limits fit one page: leave the cursor empty", reason: .cursorInvalid)
    }
    return Operations.ListLimitsResponse(limits: limits.all, page: SaraiType.PageResponse())
  }

  func setLimit(
    _ request: Operations.SetLimitRequest, _ context: CallContext
  ) async throws -> Operations.Limit {
    try checkName(request.serviceName)
    let limit = try await limits.set(
      request.limitKey, to: request.value, forGood: request.permanent)
    environment.log.warning(
      "a limit was set", .text("limit", request.limitKey), .integer("value", request.value))
    return limit
  }

  // MARK: Keys

  func rotateKeyFile(
    _ request: Operations.RotateKeyFileRequest, _ context: CallContext
  ) async throws -> Operations.RotateKeyFileResponse {
    try checkName(request.serviceName)
    let caller = context[Caller.self] ?? .anonymous()
    let method = Operations.RuntimeServiceMethods.rotateKeyFile
    let (database, records) = (environment.database, environment.records)
    let before = try await database.read { session in
      try records.recorded(request, id: request.id, of: method, by: caller, in: session)
    }
    if let before { return before }
    try replaceKeys()
    let count = try await running.resealSecrets?() ?? 0
    let response = Operations.RotateKeyFileResponse(
      secretCount: Int64(count), keyCode: environment.secrets.keyName)
    environment.log.warning(
      "secrets were sealed anew", .text("key", response.keyCode), .integer("count", count))
    return try await database.write { session in
      try records.answer(request, id: request.id, of: method, by: caller, in: session) {
        response
      }
    }
  }

  /// Reads the key file anew: its first key has to be another than the one in use.
  private func replaceKeys() throws(RPCError) {
    guard let keyFilePath else { throw .featureAbsent("rotating keys that are in no file") }
    let old = environment.secrets.keyName
    do throws(KeyFileError) {
      environment.secrets.replaceKeys(try KeyFile(path: keyFilePath))
    } catch {
      environment.log.error("the key file cannot be used", .text("cause", "\(error)"))
      throw Self.keyMissing("the key file cannot be used; the service's log says why")
    }
    guard environment.secrets.keyName != old else {
      throw Self.keyMissing(
        "the key file's first key is the one in use: put a new one before it, with"
          + " `\(environment.name) add-key`")
    }
  }

  private static func keyMissing(_ message: String) -> RPCError {
    RPCError(.failedPrecondition, reason: "KEY_MISSING", domain: "operations", message)
  }
}
