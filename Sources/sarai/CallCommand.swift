import CallTool
import Platform
import RPC
import SchemaCompiler
import Terminal

/// `sarai call`: calls a method of any service, with JSON in and out.
enum CallCommand {
  static let help = """
    Usage: sarai call TARGET METHOD [OPTION...]

    Calls a method: requests are JSON, so are the answers, printed as they come.

      sarai call 127.0.0.1:7002 grpc.health.v1.Health/Check
      sarai call 127.0.0.1:7002 sarai.catalog.v1.CatalogService/Search --data '{"text":"shawl"}'
      sarai call catalog.example:7002 ... --ca ca.pem --cert me.pem --key me.key --data @request.json

      TARGET            HOST:PORT, [ADDRESS]:PORT, unix:PATH or static:ADDRESS:PORT,...
      METHOD            package.Service/Method
      --data JSON       the request, or requests one after the other; @FILE for a file's content, -
                        for standard input. Without it, one empty request; methods that take a
                        stream read standard input
      --protocol P      grpc, native or json (grpc); json takes no streams of requests
      --compact         each answer on one line

    \(ServiceConnection.help)

    Ends with 0; with 1 if the request or an answer is not what the schema says, or there is no such
    method; with 2 if the command line is wrong; with 64 and the status code if the call failed:
    65 CANCELLED, 66 UNKNOWN, 67 INVALID_ARGUMENT, 68 DEADLINE_EXCEEDED, 69 NOT_FOUND,
    70 ALREADY_EXISTS, 71 PERMISSION_DENIED, 72 RESOURCE_EXHAUSTED, 73 FAILED_PRECONDITION,
    74 ABORTED, 75 OUT_OF_RANGE, 76 UNIMPLEMENTED, 77 INTERNAL, 78 UNAVAILABLE, 79 DATA_LOSS,
    80 UNAUTHENTICATED.
    """

  static func run(_ words: ArraySlice<String>) async throws(CommandFailure) {
    let arguments = try Arguments(
      words, options: ServiceConnection.valued.union(["--data"]),
      flags: ServiceConnection.flags.union(["--compact"]), help: help)
    let names = arguments.files
    guard names.count == 2 else {
      throw .usage(
        names.count < 2
          ? "`call` needs a TARGET and a METHOD, such as 127.0.0.1:7002 a.v1.Shop/Find; see"
            + " `sarai call --help`"
          : "`\(names[2])` is one word too many; requests come with --data")
    }
    let data = try Data(arguments.optional("--data"))
    let connection = try ServiceConnection(names[0], arguments)
    let schema = try await schema(of: names[1], connection, arguments)
    let layouts = SchemaLayouts(schema)
    let progress = CallProgress(isVerbose: connection.isVerbose)
    do throws(CallFailure) {
      let call = try DynamicCall(
        of: names[1], in: schema, layouts: layouts, over: connection.client(connection.form),
        isCompact: arguments.has("--compact"))
      var options = connection.callOptions(call.method.kind)
      options.receivesMetadata = { progress.received($0) }
      progress.begins(call.method, connection, options)
      defer { progress.ended() }
      try await call.run(data.requests(call.method.kind), options: options) { json in
        progress.answered(json.count)
        Output.write(json + [UInt8(ascii: "\n")])
      }
    } catch {
      throw connection.failure(error, of: names[1], types: layouts)
    }
  }

  private static func schema(
    of method: String, _ connection: ServiceConnection, _ arguments: Arguments
  ) async throws(CommandFailure) -> Schema {
    if let schema = try SchemaFiles.schema(arguments) { return schema }
    guard let service = SchemaLookup.split(method)?.service else {
      throw .usage("`\(method)` names no method; write package.Service/Method")
    }
    do throws(CallFailure) {
      return try await connection.reflection.schema(declaring: [service])
    } catch {
      throw connection.failure(error, of: "reflection")
    }
  }

  /// Where the requests come from.
  private enum Data {
    case nowhere, input
    case text([UInt8])

    init(_ option: String?) throws(CommandFailure) {
      switch option {
      case nil: self = .nowhere
      case "-": self = .input
      case let text?:
        self = .text(
          text.hasPrefix("@") ? try FileSystem.read(String(text.dropFirst())) : Array(text.utf8))
      }
    }

    func requests(_ kind: MethodKind) -> RequestSource {
      switch self {
      case .text(let text): return RequestSource(text)
      case .nowhere where kind == .unary || kind == .serverStreaming: return RequestSource([])
      case .nowhere, .input:
        let input = StandardInput()
        return RequestSource { await input.read() }
      }
    }
  }
}
