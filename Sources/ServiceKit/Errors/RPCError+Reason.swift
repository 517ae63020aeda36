public import RPC
internal import RPCContracts
internal import WellKnownTypes
public import Wire

extension RPCError {
  /// A failure that a service decides, with its reason for programs: `sarai.rpc.v1.ErrorInfo`.
  ///
  /// - Parameters:
  ///   - message: what happened and what to do next, for a developer.
  ///   - reason: a value of the service's `ErrorReason` without its prefix, such as `STOCK_SHORT`.
  ///   - domain: the service, such as `payments`.
  ///   - facts: further facts, by documented lower_snake_case keys.
  ///   - retryAfter: how long to wait before the next attempt; nil if waiting does not help.
  public init(
    _ code: RPCCode, _ message: String, reason: String, domain: String,
    facts: [String: String] = [:], retryAfter: Duration? = nil
  ) {
    self.init(code, message)
    attach(
      SaraiRPC.ErrorInfo(
        reason: reason, domain: domain, metadata: FieldMap(facts)))
    if let retryAfter {
      attach(SaraiRPC.RetryInfo(retryDelay: GoogleProtobuf.Duration(retryAfter)))
    }
  }

  /// A failure for a reason that all services share.
  public init(
    _ code: RPCCode, _ message: String, reason: SharedReason, facts: [String: String] = [:],
    retryAfter: Duration? = nil
  ) {
    self.init(
      code, message, reason: reason.rawValue, domain: "rpc", facts: facts, retryAfter: retryAfter)
  }

  /// What a method answers that the contract has and this release does not.
  public static func featureAbsent(_ what: String) -> RPCError {
    RPCError(
      .unimplemented, "\(what) is not part of this release yet", reason: .featureAbsent)
  }

  /// Adds a fact for programs: a message of sarai/rpc/v1/status.proto.
  public mutating func attach(_ detail: some Message) {
    guard let value = try? detail.encoded(as: .protobuf) else { return }
    let name = type(of: detail).layout.name
    details.append(Detail(typeURL: "type.googleapis.com/\(name)", value: value))
  }

  /// The fact of that type, if there is one that can be read.
  public func detail<Fact: Message>(_ type: Fact.Type) -> Fact? {
    details.first { $0.typeURL.hasSuffix("/\(type.layout.name)") }.flatMap {
      try? Fact(decoding: $0.value, as: .protobuf)
    }
  }

  /// The reason for programs, if there is one.
  public var reason: String? { detail(SaraiRPC.ErrorInfo.self)?.reason }
}
