public import RPC
public import RPCContracts
internal import WellKnownTypes
public import Wire

extension RPCError {
  /// A failure that a service decides itself, with the reason that programs read.
  ///
  /// - Parameters:
  ///   - reason: a value of the service's `ErrorReason` without its prefix, or one that all share.
  ///   - domain: whose reason it is: the service's name, or "rpc" for those that all share.
  ///   - metadata: further facts, by documented keys.
  ///   - details: further details, of the messages in sarai/rpc/v1/status.proto.
  public init(
    _ code: RPCCode, reason: String, domain: String = "rpc",
    metadata: FieldMap<String, String> = [:], _ message: String, details: [Detail] = []
  ) {
    let info = SaraiRPC.ErrorInfo(reason: reason, domain: domain, metadata: metadata)
    self.init(code, message, details: [Detail(info)].compactMap(\.self) + details)
  }

  /// A failure for a reason that all services share.
  ///
  /// - Parameter retryAfter: how long to wait before the next attempt; nil if waiting does not help.
  public init(
    _ code: RPCCode, _ message: String, reason: SharedReason, facts: [String: String] = [:],
    retryAfter: Duration? = nil
  ) {
    let wait = retryAfter.flatMap {
      Detail(SaraiRPC.RetryInfo(retryDelay: GoogleProtobuf.Duration($0)))
    }
    self.init(
      code, reason: reason.rawValue, metadata: FieldMap(facts), message,
      details: [wait].compactMap(\.self))
  }

  /// What a method answers that the contract has and this release does not.
  public static func featureAbsent(_ what: String) -> RPCError {
    RPCError(.unimplemented, "\(what) is not part of this release yet", reason: .featureAbsent)
  }

  /// The reason that the failure bears, if it bears one.
  public var info: SaraiRPC.ErrorInfo? { detail(SaraiRPC.ErrorInfo.self) }

  /// The detail of a type, if the failure has it.
  public func detail<Content: Message>(_ type: Content.Type) -> Content? {
    for detail in details where detail.typeURL.hasSuffix("/" + Content.layout.name) {
      return try? Content(decoding: detail.value, as: .protobuf)
    }
    return nil
  }
}

extension RPCError.Detail {
  /// A message as a detail; nil for one that cannot be encoded.
  public init?(_ message: some Message) {
    guard let bytes = try? message.encoded(as: .protobuf) else { return nil }
    self.init(typeURL: "type.googleapis.com/" + type(of: message).layout.name, value: bytes)
  }
}
