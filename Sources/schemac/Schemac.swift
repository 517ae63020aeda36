import Terminal

/// The schema compiler's command line.
@main
struct Schemac {
  static let version = "1.0.0"

  static let usage = """
    Usage: schemac COMMAND [ARGUMENTS]

      generate   write the Swift code of .proto files
      describe   write the descriptor set of .proto files
      openapi    write the OpenAPI document of .proto files
      check      name what a changed schema breaks
      convert    turn messages from one encoding into another

      --help     say this, or what a COMMAND takes
      --version  say which version this is

    Ends with 0, with 1 if the schema or the data is at fault, with 2 if the command line is.
    """

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    ThisProcess.exit(run(arguments))
  }

  private static func run(_ arguments: [String]) -> ExitCode {
    do throws(CommandFailure) {
      switch arguments.first {
      case "generate": try GenerateCommand.run(arguments.dropFirst())
      case "describe": try DescribeCommand.run(arguments.dropFirst())
      case "openapi": try OpenAPICommand.run(arguments.dropFirst())
      case "check": try CheckCommand.run(arguments.dropFirst())
      case "convert": try ConvertCommand.run(arguments.dropFirst())
      case "--help", "-h", "help": Output.print(usage)
      case "--version": Output.print("schemac \(version)")
      case nil: throw .usage("no command given\n\n\(usage)")
      case let other?:
        throw .usage("there is no command `\(other)`; `schemac --help` lists them")
      }
      return .success
    } catch {
      if case .help(let text) = error {
        Output.print(text)
        return .success
      }
      Output.complain(error.message)
      return error.exitCode
    }
  }
}
