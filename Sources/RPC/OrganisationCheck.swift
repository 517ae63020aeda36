/// Looks at the organisation that a request names. An interceptor leaves one in the context of a call
/// whose access rule has an `organisation_field`; the generated code asks it as soon as the request
/// has been read, so that no handler can forget to.
public struct OrganisationCheck: Sendable {
  fileprivate let check: @Sendable (String) throws(RPCError) -> Void

  /// - Parameter check: is given the field's text, and throws to refuse the call.
  public init(_ check: @escaping @Sendable (String) throws(RPCError) -> Void) {
    self.check = check
  }
}

extension CallContext {
  /// Has the organisation checked that the request names. Handlers of streams of requests call it
  /// themselves, with the first one's.
  public func checkOrganisation(_ id: String) throws(RPCError) {
    try self[OrganisationCheck.self]?.check(id)
  }
}
