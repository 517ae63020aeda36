import CallTool
import LoadTest
import RPC
import RPCTransport
import Reactor
import SchemaCompiler
import Terminal
import Wire

/// The service that a command asks, and how it asks: what `call`, `list` and `describe` share.
struct ServiceConnection: Sendable {
  static let valued: Set<String> = TLSOptions.valued.union([
    "--proto", "--descriptors", "--protocol", "-H", "--deadline",
  ])
  static let flags: Set<String> = ["--tls", "--insecure", "-v"]

  static let help = """
    Where the schema comes from
      --proto DIR       a folder of .proto files; can be given several times
      --descriptors F   or a descriptor set, as `schemac describe` writes it
                        without either: the server's reflection (grpc.reflection.v1, v1alpha)

    How
      -H 'NAME: VALUE'  a header; can be given several times
      --deadline T      how long a call may take: 500ms, 10s (15s; none for streams)
      --tls             TLS; implied by the next three
      --ca FILE         who the server's certificate must come from; without it, those of the system
      --cert FILE, --key FILE
                        the client's certificate and its key
      --server-name N   the name that the server's certificate must have (TARGET's host)
      -v                tell of headers, trailers and times on standard error
    """

  private static let deadline: Duration = .seconds(15)

  let target: Target
  let form: ClientOptions.Form
  let isVerbose: Bool
  private let tls: TLSOptions
  private let metadata: Metadata
  private let timeout: Duration?
  private let group = EventLoopGroup(count: 1)

  init(_ text: String, _ arguments: Arguments) throws(CommandFailure) {
    if arguments.has("--insecure") {
      throw .usage(
        "there is no `--insecure`: TLS that trusts anybody protects from nobody. `--ca FILE` trusts"
          + " the authority, or the very certificate, of a test server; `--server-name` is for one"
          + " that is reached by another name")
    }
    do throws(TargetError) {
      target = try Target(text)
    } catch {
      throw .usage("\(error)")
    }
    let name = try arguments.optional("--protocol") ?? "grpc"
    switch name {
    case "grpc": form = .grpc
    case "native": form = .native
    case "json": form = .json
    default: throw .usage("`--protocol` is grpc, native or json, not `\(name)`")
    }
    tls = try TLSOptions(arguments)
    isVerbose = arguments.has("-v")
    timeout = try arguments.optional("--deadline").map { (text) throws(CommandFailure) in
      guard let duration = Duration(loadText: text) else {
        throw .usage("`--deadline` is a time such as 500ms or 10s, not `\(text)`")
      }
      return duration
    }
    var metadata = Metadata()
    for header in try HeaderOption.headers(arguments) { metadata.add(header.name, header.value) }
    if let fault = metadata.fault { throw .usage("`-H`: \(fault)") }
    self.metadata = metadata
  }

  /// `127.0.0.1:7002 (grpc, no TLS)`
  var description: String { "\(target) (\(form), \(usesTLS ? "TLS" : "no TLS"))" }
  var usesTLS: Bool { tls.context != nil }

  func client(_ form: ClientOptions.Form) -> RPCClient {
    var options = ClientOptions()
    options.form = form
    options.tls = tls.context
    options.serverName = tls.serverName
    options.messageBytesMax = 64 << 20
    return RPCClient(target, on: group, options: options)
  }

  /// The options of a call of this kind.
  func callOptions(_ kind: MethodKind) -> CallOptions {
    CallOptions(metadata: metadata, timeout: timeout ?? (kind == .unary ? Self.deadline : nil))
  }

  /// What tells this server's schema. Reflection is gRPC's, whatever calls travel by.
  var reflection: ReflectionClient {
    ReflectionClient(
      over: client(.grpc),
      options: CallOptions(metadata: metadata, timeout: timeout ?? Self.deadline))
  }

  func failure(
    _ failure: CallFailure, of what: String, types: SchemaLayouts? = nil
  ) -> CommandFailure {
    switch failure {
    case .input(let text): .findings("\(ThisProcess.name): \(what): the request: \(text)")
    case .schema(let text), .answer(let text): .findings("\(ThisProcess.name): \(text)")
    case .status(let error):
      .call(
        what + ": "
          + StatusReport(
            target: description, usesTLS: usesTLS, isGRPC: form == .grpc,
            types: types?.registry ?? TypeRegistry()
          ).text(error), status: error.code.rawValue)
    }
  }
}
