import CallTool
import SchemaCompiler
import Terminal

/// Where `list` and `describe` look: a server, or schema files. The words name both it and what is
/// looked for.
struct SymbolSource {
  let symbols: [String]
  private let files: Schema?
  private let connection: ServiceConnection?

  init(_ arguments: Arguments, command: String) throws(CommandFailure) {
    files = try SchemaFiles.schema(arguments)
    let words = arguments.files
    if files != nil {
      if let target = words.first(where: { $0.contains(":") }) {
        throw .usage("the schema comes from files: leave `\(target)` out")
      }
      connection = nil
      symbols = words
      return
    }
    guard let target = words.first else {
      throw .usage(
        "`\(command)` needs a TARGET such as 127.0.0.1:7002, or `--proto DIR`; see"
          + " `sarai \(command) --help`")
    }
    connection = try ServiceConnection(target, arguments)
    symbols = Array(words.dropFirst())
  }

  func services() async throws(CommandFailure) -> [String] {
    do throws(CallFailure) {
      guard let connection else { return files.map { SchemaLookup($0).services } ?? [] }
      return try await connection.reflection.services()
    } catch {
      throw failure(error)
    }
  }

  func schema(declaring symbols: [String]) async throws(CommandFailure) -> Schema {
    if let files { return files }
    do throws(CallFailure) {
      guard let connection else { throw .schema("there is no schema") }
      return try await connection.reflection.schema(declaring: symbols.map(SchemaLookup.symbol))
    } catch {
      throw failure(error)
    }
  }

  func failure(_ failure: CallFailure) -> CommandFailure {
    if let connection { return connection.failure(failure, of: "reflection") }
    if case .schema(let text) = failure { return .findings("\(ThisProcess.name): \(text)") }
    return .findings("\(ThisProcess.name): \(failure)")
  }
}
