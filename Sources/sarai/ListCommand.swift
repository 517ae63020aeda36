import CallTool
import SchemaCompiler
import Terminal

/// `sarai list`: the services of a server or of schema files, or the methods of one.
enum ListCommand {
  static let help = """
    Usage: sarai list TARGET [SERVICE] [OPTION...]
           sarai list --proto DIR [SERVICE]

    Lists the services of a server, or the methods of one of them.

      sarai list 127.0.0.1:7002
      sarai list 127.0.0.1:7002 sarai.catalog.v1.CatalogService
      sarai list --proto Proto

    \(ServiceConnection.help)

    Ends with 0, with 1 if there is no such service, with 2 if the command line is wrong, with 64 and
    the status code (78: nothing answers at TARGET) if the server fails to tell.
    """

  static func run(_ words: ArraySlice<String>) async throws(CommandFailure) {
    let arguments = try Arguments(
      words, options: ServiceConnection.valued, flags: ServiceConnection.flags, help: help)
    let source = try SymbolSource(arguments, command: "list")
    guard let name = source.symbols.first else {
      for service in try await source.services() { Output.print(service) }
      return
    }
    guard source.symbols.count == 1 else {
      throw .usage("`\(source.symbols[1])` is one word too many; see `sarai list --help`")
    }
    let schema = try await source.schema(declaring: [name])
    do throws(CallFailure) {
      let service = try SchemaLookup(schema).service(named: SchemaLookup.symbol(name))
      for method in service.methods { Output.print("\(service.fullName)/\(method.name)") }
    } catch {
      throw source.failure(error)
    }
  }
}
