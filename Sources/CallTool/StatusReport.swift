public import RPC
import RPCContracts
public import Wire

/// How a failed call is told: its code, its message, its details by the schema, and what to do.
public struct StatusReport: Sendable {
  /// What was tried, such as `127.0.0.1:7002 (gRPC, no TLS)`.
  private let target: String
  private let usesTLS: Bool
  private let isGRPC: Bool
  private let types: TypeRegistry
  private static let standard = TypeRegistry([
    SaraiRPC.ErrorInfo.layout, SaraiRPC.FieldViolations.layout, SaraiRPC.RetryInfo.layout,
    SaraiRPC.ResourceInfo.layout, SaraiRPC.PreconditionFailure.layout,
    SaraiRPC.QuotaFailure.layout, SaraiRPC.LocalizedMessage.layout, SaraiRPC.RequestInfo.layout,
    SaraiRPC.Help.layout,
  ])

  /// - Parameter types: the messages that details may hold, beside Sarai's own.
  public init(target: String, usesTLS: Bool, isGRPC: Bool, types: TypeRegistry) {
    self.target = target
    self.isGRPC = isGRPC
    self.usesTLS = usesTLS
    self.types = types
  }

  /// The failure in lines.
  public func text(_ error: RPCError) -> String {
    var lines = ["\(error.code.name) (\(error.code.rawValue)): \(error.message)"]
    lines += error.details.map { "  detail: \(text($0))" }
    lines.append("  tried: \(target)")
    if let hint = hint(error) { lines.append("  hint: \(hint)") }
    return lines.joined(separator: "\n")
  }

  private func text(_ detail: RPCError.Detail) -> String {
    let name = detail.typeURL.split(separator: "/").last.map(String.init) ?? ""
    guard let layout = types[name] ?? Self.standard[name] else {
      return "\(name) \(hex(detail.value)) (the schema does not have this type)"
    }
    do throws(WireError) {
      var options = CodingOptions()
      options.dropsUnknownFields = true
      options.types = types
      let json = try DynamicMessage(layout, decoding: detail.value, as: .protobuf)
        .encoded(as: .json, options: options)
      return "\(name) \(String(decoding: json, as: UTF8.self))"
    } catch {
      return "\(name) \(hex(detail.value)) (\(error))"
    }
  }

  private func hex(_ bytes: [UInt8]) -> String {
    let shown = bytes.prefix(64).map { byte in
      byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
    }
    return shown.joined() + (bytes.count > 64 ? "... (\(bytes.count) bytes)" : "")
  }

  private func hint(_ error: RPCError) -> String? {
    switch error.code {
    case .internal, .unknown:
      isGRPC ? nil : "what is not Sarai's may speak gRPC alone: try --protocol grpc"
    case .unavailable:
      usesTLS
        ? "does the server speak TLS there? --ca names whose certificates are trusted,"
          + " --server-name the name in the certificate, --cert and --key who calls"
        : "is the service running there? if it wants TLS, say so with --tls"
    case .unimplemented: "`sarai list` tells what the server has"
    case .unauthenticated: "say who calls: -H 'authorization: Bearer TOKEN'"
    case .permissionDenied:
      "the caller is known by its token (-H 'authorization: ...') or certificate (--cert, --key)"
    case .deadlineExceeded: "--deadline gives more time"
    default: nil
    }
  }
}
