public import RPC

/// How a service learns who its peer is.
public enum CallerNaming: Sendable, Hashable {
  /// By the names of the certificate that mutual TLS has verified.
  case certificates
  /// By those or, from peers of the same machine that show none, by what they call themselves in
  /// metadata: for a demo without certificates and for tests, never beyond one machine.
  case insecure

  /// The metadata in which a peer names itself.
  public static let metadataName = "x-sarai-caller"

  /// The peer's names; empty when it has none.
  func names(of context: CallContext) -> [String] {
    let peer = context.peer
    if !peer.certificateNames.isEmpty || self == .certificates { return peer.certificateNames }
    guard Self.isLocal(peer.address), let name = context.metadata[Self.metadataName] else {
      return []
    }
    return [name]
  }

  private static func isLocal(_ address: String) -> Bool {
    address == Peer.inProcess.address || address.hasPrefix("127.") || address.hasPrefix("[::1]")
      || address.hasPrefix("unix:")
  }
}

/// Names the calling service in every call that a client makes, for peers that are
/// `CallerNaming.insecure`.
public struct CallerNamingInterceptor: ClientInterceptor {
  private let name: String

  /// Calls as the service of that name.
  public init(_ name: String) { self.name = name }

  /// Adds the name.
  public func callStarts(
    _ method: MethodDescriptor, _ options: inout CallOptions
  ) async throws(RPCError) {
    options.metadata.add(CallerNaming.metadataName, name)
  }
}
