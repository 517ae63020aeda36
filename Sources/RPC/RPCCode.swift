/// How a call ended: the status codes of gRPC.
public enum RPCCode: Int, Sendable, Hashable, CaseIterable {
  /// It succeeded.
  case ok = 0
  /// The caller gave up.
  case cancelled = 1
  /// The cause maps to no other code.
  case unknown = 2
  /// The request is wrong whatever the state of the system.
  case invalidArgument = 3
  /// Time ran out; the effect is unknown.
  case deadlineExceeded = 4
  /// There is no such thing, or none that the caller may see.
  case notFound = 5
  /// What was to be made is there already.
  case alreadyExists = 6
  /// The caller is known and may not do this.
  case permissionDenied = 7
  /// A limit or a quota is reached.
  case resourceExhausted = 8
  /// The request is right in itself and wrong in this state.
  case failedPrecondition = 9
  /// A race was lost; read again and retry.
  case aborted = 10
  /// Past the valid range, such as behind the end of a list.
  case outOfRange = 11
  /// The server has no such method.
  case unimplemented = 12
  /// The server is at fault.
  case `internal` = 13
  /// The server cannot be reached at the moment; try again.
  case unavailable = 14
  /// Stored data is lost or damaged.
  case dataLoss = 15
  /// There is no valid credential.
  case unauthenticated = 16

  /// As it is written everywhere: `invalidArgument` is `INVALID_ARGUMENT`.
  public var name: String { Self.names[rawValue] }

  private static let names = allCases.map { code in
    "\(code)".reduce(into: "") { name, character in
      if character.isUppercase { name += "_" }
      name += character.uppercased()
    }
  }
}
