internal import Access
internal import Platform
internal import RPC
internal import TypeContracts

/// Who makes a change, whence and when: what its audit entry, its event and its stamp say alike.
struct Origin: Sendable, Hashable {
  /// Who.
  var actor: SaraiType.Actor
  /// When, since 1970.
  var occurredAt: Duration
  /// The request's id in the logs; may be empty.
  var requestID = ""
  /// The caller's network address; may be empty.
  var address = ""
  /// W3C `traceparent` of the call; may be empty.
  var traceParent = ""

  /// What callers send is cut to this: it lands in the audit log for ever.
  private static let lengthMax = 128

  /// A call's.
  init(_ context: CallContext, at now: Duration) {
    actor = SaraiType.Actor(context[Caller.self] ?? .anonymous())
    occurredAt = now
    requestID = String((context.metadata["x-request-id"] ?? "").prefix(Self.lengthMax))
    traceParent = String((context.metadata["traceparent"] ?? "").prefix(Self.lengthMax))
    // Of what comes by way of the gateway the gateway alone knows whence; others are not believed.
    let isForwarded = context[Caller.self]?.serviceName == "gateway"
    let known = isForwarded ? context.metadata["x-forwarded-for"] ?? "" : context.peer.address
    address = String(known.prefix(Self.lengthMax))
  }

  /// That of a service which acts for itself: its jobs.
  init(service: String, at now: Duration) {
    actor = SaraiType.Actor(kind: .service, serviceName: service)
    occurredAt = now
  }
}

extension SaraiType.Actor {
  /// The caller as stamps and audit entries name it.
  init(_ caller: Caller) {
    self.init(
      personId: caller.personID?.description ?? "",
      organisationId: caller.organisationID?.description ?? "",
      apiKeyId: caller.apiKeyID?.description ?? "")
    switch caller.kind {
    case .anonymous: kind = .unspecified
    case .person: kind = .person
    case .apiKey: kind = .apiKey
    case .service:
      kind = .service
      serviceName = caller.serviceName ?? ""
    case .certificate:
      kind = .certificate
      serviceName = caller.serviceName ?? ""
    }
  }

  /// The id by which the audit log finds what this actor did: a person's, a key's or a service's name.
  var key: String {
    if !personId.isEmpty { return personId }
    return apiKeyId.isEmpty ? serviceName : apiKeyId
  }
}
