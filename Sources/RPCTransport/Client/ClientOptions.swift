public import Reactor

/// How a client speaks to its service.
public struct ClientOptions: Sendable {
  /// How calls are written into HTTP/2.
  public enum Form: Sendable, CaseIterable {
    /// gRPC, which services in any language understand.
    case grpc
    /// Sarai's own, which costs less.
    case native
    /// JSON, which needs neither schema nor codec on the way; no streams of requests.
    case json

    /// How a call of this kind is written.
    func callForm(isUnary: Bool) -> CallForm {
      switch self {
      case .grpc: .grpc
      case .native: isUnary ? .native : .nativeStream
      case .json: .json
      }
    }
  }

  /// How calls are written.
  public var form = Form.native
  /// TLS; nil for none.
  public var tls: TLSContext?
  /// The name that the certificate must bear, if not the target's host.
  public var serverName: String?
  /// Connections to each address.
  public var connectionsPerAddress = 1
  /// Bytes of one received message.
  public var messageBytesMax = 4 << 20
  /// Calls that wait for a connection at a time; more fail with `resourceExhausted`.
  public var waitingCallsMax = 10_000
  /// How long opening a connection may take.
  public var connectMax: Duration = .seconds(5)
  /// How long a connection with calls in flight may be silent before it is asked whether it lives,
  /// and how long it may take to answer that.
  public var keepaliveInterval: Duration = .seconds(30)
  /// How often a call is tried at most, if repeating it is harmless.
  public var attemptsMax = 3
  /// When a read that has not been answered is sent a second time, to another connection if there
  /// is one, and the first answer taken; nil for never.
  public var hedgeAfter: Duration?

  /// Options as they are by default.
  public init() {}
}
