import CallTool
import LoadTest
import SchemaCompiler
import Terminal
import Wire

/// The methods of a run, with their requests, from the schema that the command line names, or else
/// from the server's reflection.
enum BenchSchema {
  /// Requests that are kept ready take at most so much memory.
  private static let requestBytesMax = 256 << 20

  static func methods(
    _ options: BenchOptions, authority: String, isTLS: Bool
  ) async throws(CommandFailure) -> [PreparedMethod] {
    let arguments = options.arguments
    let schema = try await schema(options)
    let layouts = SchemaLayouts(schema)
    let count = try BenchOptions.number(arguments, "--requests", 1...1_000_000) ?? 1_000
    let size = try BenchOptions.number(arguments, "--size", 0...(4 << 20)) ?? 16
    let templates = try templates(options)
    var methods: [PreparedMethod] = []
    for (index, entry) in options.plan.mix.entries.enumerated() {
      let method = try method(entry.method, schema)
      do throws(LoadPlanError) {
        var generator = try RequestGenerator(
          method.input, in: schema, layouts: layouts, template: templates[index],
          fills: arguments.has("--fill"), stringBytes: size,
          seed: options.plan.seed &+ UInt64(index))
        // The first tells how many there is room for.
        let first = try generator.requests(1, as: options.callProtocol.encoding)
        let room = requestBytesMax / options.plan.mix.entries.count / max(first[0].count + 32, 1)
        let further = try generator.requests(
          max(0, min(count, room) - 1), as: options.callProtocol.encoding)
        methods.append(
          PreparedMethod(
            entry.method, clientStreams: method.clientStreams, serverStreams: method.serverStreams,
            requests: first + further, plan: options.plan, callProtocol: options.callProtocol,
            authority: authority, isTLS: isTLS, headers: options.headers))
      } catch {
        throw .findings("\(ThisProcess.name): \(entry.method): \(error)")
      }
    }
    return methods
  }

  private static func schema(_ options: BenchOptions) async throws(CommandFailure) -> Schema {
    if let schema = try SchemaFiles.schema(options.arguments) { return schema }
    let connection = try ServiceConnection(options.target, options.arguments)
    let services = Set(
      options.plan.mix.entries.compactMap { SchemaLookup.split($0.method)?.service })
    do throws(CallFailure) {
      return try await connection.reflection.schema(declaring: services.sorted())
    } catch {
      throw connection.failure(error, of: "reflection")
    }
  }

  private static func method(
    _ name: String, _ schema: Schema
  ) throws(CommandFailure) -> SchemaCompiler.Method {
    let parts = name.split(separator: "/").map(String.init)
    guard let service = schema.service(named: parts[0]) else {
      let known = schema.files.flatMap(\.services).map(\.fullName)
      throw .usage(
        "the schema has no service `\(parts[0])`; it has \(known.joined(separator: ", "))")
    }
    guard let method = service.methods.first(where: { $0.name == parts[1] }) else {
      let known = service.methods.map(\.name).joined(separator: ", ")
      throw .usage("`\(parts[0])` has no method `\(parts[1])`; it has \(known)")
    }
    return method
  }

  /// The template of each method of the mix; nil where requests come from the schema alone.
  private static func templates(
    _ options: BenchOptions
  ) throws(CommandFailure) -> [RequestTemplate?] {
    let entries = options.plan.mix.entries
    var templates = [RequestTemplate?](repeating: nil, count: entries.count)
    for text in options.arguments.all("--data") {
      var data = text
      var index = 0
      if let named = entries.firstIndex(where: { text.hasPrefix($0.method + "=") }) {
        index = named
        data = String(text.dropFirst(entries[named].method.count + 1))
      } else if entries.count > 1 {
        throw .usage("with several methods write `--data METHOD=JSON`, not `\(text)`")
      }
      guard templates[index] == nil else {
        throw .usage("`--data` for `\(entries[index].method)` is given twice")
      }
      let bytes =
        data.hasPrefix("@") ? try FileSystem.read(String(data.dropFirst())) : Array(data.utf8)
      do throws(LoadPlanError) {
        templates[index] = try RequestTemplate(bytes)
      } catch {
        throw .usage("`--data`: \(error)")
      }
    }
    return templates
  }
}
