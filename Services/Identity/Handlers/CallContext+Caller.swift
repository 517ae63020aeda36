internal import Access
internal import Platform
internal import RPC
internal import ServiceKit
internal import TypeContracts
internal import Wire

extension CallContext {
  /// Who calls, as the access interceptor found out.
  var caller: Caller { self[Caller.self] ?? .anonymous() }

  /// The person who calls a method that is for persons.
  /// - Throws: `permissionDenied` when it is none, which the interceptor has refused already.
  func person() throws(RPCError) -> UUID {
    guard let person = caller.personID else { throw AccessError.personNeeded.rpcError }
    return person
  }

  /// The page of a list that is asked for.
  func page<Request: Message>(
    _ path: WritableKeyPath<Request, SaraiType.PageRequest?>, of request: Request
  ) throws(RPCError) -> Page {
    try Page(path, of: request, caller: SaraiType.Actor(caller).key, self)
  }
}
