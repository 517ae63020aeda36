internal import Access
internal import Platform
internal import RPC
internal import ServiceKit
internal import TypeContracts
internal import Wire

extension IdentityEnvironment {
  /// The feed of events.
  var feed: EventFeed { EventFeed(database, time: time, random: random) }

  /// Who makes a change by this call, and when: now.
  func origin(_ context: CallContext) -> Origin { Origin(context, at: time.sinceEpoch()) }
}

extension CallContext {
  /// The page of a list that is asked for.
  func page<Request: Message>(
    _ path: WritableKeyPath<Request, SaraiType.PageRequest?>, of request: Request
  ) throws(RPCError) -> Page {
    try Page(path, of: request, caller: SaraiType.Actor(caller).key, self)
  }
}
