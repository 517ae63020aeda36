public import RPC

/// Why a call was not made, or how it ended.
public enum CallFailure: Error, Sendable, Hashable {
  /// The requests are wrong; nothing of them was sent.
  case input(String)
  /// There is no such thing in the schema, or there is no schema.
  case schema(String)
  /// What came is not what the schema says.
  case answer(String)
  /// The service, or the way to it, failed the call.
  case status(RPCError)
}
