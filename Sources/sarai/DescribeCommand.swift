import CallTool
import SchemaCompiler
import Terminal

/// `sarai describe`: declarations of a server's or a folder's schema, as `.proto` text.
enum DescribeCommand {
  static let help = """
    Usage: sarai describe TARGET [SYMBOL...] [OPTION...]
           sarai describe --proto DIR [SYMBOL...]

    Shows services, methods, messages, enums and fields as .proto text, with their comments if the
    schema has them; without a SYMBOL, all services.

      sarai describe 127.0.0.1:7002 sarai.catalog.v1.CatalogService
      sarai describe --proto Proto sarai.type.v1.Money sarai.type.v1.Money.currency_code

    \(ServiceConnection.help)

    Ends with 0, with 1 if there is no such symbol, with 2 if the command line is wrong, with 64 and
    the status code (78: nothing answers at TARGET) if the server fails to tell.
    """

  static func run(_ words: ArraySlice<String>) async throws(CommandFailure) {
    let arguments = try Arguments(
      words, options: ServiceConnection.valued, flags: ServiceConnection.flags, help: help)
    let source = try SymbolSource(arguments, command: "describe")
    let symbols = source.symbols.isEmpty ? try await source.services() : source.symbols
    let schema = try await source.schema(declaring: symbols)
    for (index, symbol) in symbols.enumerated() {
      do throws(CallFailure) {
        let text = try SchemaLookup(schema).text(of: symbol)
        Output.print(index == 0 ? text : "\n\(text)")
      } catch {
        throw source.failure(error)
      }
    }
  }
}
