import Terminal

/// Sarai's command line.
@main
struct Sarai {
  static let version = "1.0.0"

  /// One command: its name, what it does in a line, and how it runs.
  struct Command: Sendable {
    let name: String
    let summary: String
    let run: @Sendable (ArraySlice<String>) async throws(CommandFailure) -> Void
  }

  static let commands = [
    Command(
      name: "call", summary: "call a method, with JSON in and out", run: CallCommand.run),
    Command(name: "list", summary: "list services, or a service's methods", run: ListCommand.run),
    Command(
      name: "describe", summary: "show a service, method or type as .proto text",
      run: DescribeCommand.run),
    Command(
      name: "bench", summary: "put load on a service and measure it", run: BenchCommand.run),
  ]

  static var usage: String {
    let width = commands.map(\.name.count).max() ?? 0
    let lines = commands.map { command in
      "  \(command.name)\(String(repeating: " ", count: width - command.name.count))   \(command.summary)"
    }
    return """
      Usage: sarai COMMAND [ARGUMENTS]

      \(lines.joined(separator: "\n"))

        --help     say this, or what a COMMAND takes
        --version  say which version this is

      Ends with 0, with 1 if what was asked for failed, with 2 if the command line is wrong, and
      with 64 and the status code if a call failed.
      """
  }

  static func main() async {
    ThisProcess.exit(await run(Array(CommandLine.arguments.dropFirst())))
  }

  private static func run(_ arguments: [String]) async -> ExitCode {
    do throws(CommandFailure) {
      switch arguments.first {
      case "--help", "-h", "help": throw .help(usage)
      case "--version": throw .help("sarai \(version)")
      case nil: throw .usage("no command given\n\n\(usage)")
      case let name?:
        guard let command = commands.first(where: { $0.name == name }) else {
          throw .usage("there is no command `\(name)`; `sarai --help` lists them")
        }
        try await command.run(arguments.dropFirst())
      }
      return .success
    } catch {
      if case .help(let text) = error {
        Output.print(text)
      } else {
        Output.complain(error.message)
      }
      return error.exitCode
    }
  }
}
