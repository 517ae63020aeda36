public import Wire

/// How calls travel; design.md ("RPC") says what each is.
public enum CallProtocol: String, Sendable, CaseIterable {
  case grpc, native, json

  /// What messages are encoded as.
  public var encoding: Encoding {
    switch self {
    case .grpc: .protobuf
    case .native: .native
    case .json: .json
    }
  }

  /// The content type of a call.
  func contentType(streams: Bool) -> String {
    switch self {
    case .grpc: "application/grpc"
    case .native: streams ? "application/x-sarai-stream" : "application/x-sarai"
    case .json: "application/json"
    }
  }

  /// The header with the time that a call may take.
  func timeout(_ duration: Duration) -> (name: String, value: String) {
    let microseconds =
      duration.components.seconds * 1_000_000
      + duration.components.attoseconds / 1_000_000_000_000
    switch self {
    // At most 8 digits stand before gRPC's unit.
    case .grpc where microseconds >= 100_000_000:
      return ("grpc-timeout", "\(microseconds / 1_000)m")
    case .grpc: return ("grpc-timeout", "\(microseconds)u")
    case .native, .json: return ("sarai-timeout", "\(microseconds)")
    }
  }
}
