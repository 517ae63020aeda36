internal import Access
internal import Platform
internal import RPC

extension CallContext {
  /// Who calls, as the access interceptor found out.
  var caller: Caller { self[Caller.self] ?? .anonymous() }

  /// The person who calls a method that is for persons.
  /// - Throws: `unauthenticated` when it is none, which the interceptor has refused already.
  func person() throws(RPCError) -> UUID {
    guard let person = caller.personID else { throw AccessError.personNeeded.rpcError }
    return person
  }
}
