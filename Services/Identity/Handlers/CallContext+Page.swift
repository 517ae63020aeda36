internal import Access
internal import RPC
internal import ServiceKit
internal import TypeContracts
internal import Wire

extension CallContext {
  /// The page of a list that is asked for.
  func page<Request: Message>(
    _ path: WritableKeyPath<Request, SaraiType.PageRequest?>, of request: Request
  ) throws(RPCError) -> Page {
    try Page(path, of: request, caller: SaraiType.Actor(caller).key, self)
  }
}
