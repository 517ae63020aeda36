import RPC

/// What a case expected and did not find.
struct Expectation: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  static func equal<T: Equatable>(_ found: T, _ wanted: T, _ what: String) throws(Expectation) {
    guard found == wanted else {
      throw Expectation("\(what): expected \(wanted), got \(found)")
    }
  }

  /// `body` must fail with this code, and with this message if one is given.
  static func failure(
    _ code: RPCCode, message: String? = nil, _ body: () async throws -> Void
  ) async throws {
    do {
      try await body()
    } catch let error as RPCError {
      try equal(error.code, code, "code of '\(error.message)'")
      if let message { try equal(error.message, message, "message") }
      return
    }
    throw Expectation("expected \(code), the call succeeded")
  }
}
