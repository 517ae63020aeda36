import LoadTest
import Terminal

/// `sarai bench compare`: what changed between two runs.
enum BenchCompareCommand {
  static let help = """
    Usage: sarai bench compare BEFORE.json AFTER.json [--html FILE]

    Shows two runs, as `sarai bench --json` wrote them, beside each other: each metric, its ratio,
    and whether it is better, worse, or the same within what two runs differ by.

      --html FILE   write one self-contained page with both runs' charts
    """

  static func run(_ words: ArraySlice<String>) throws(CommandFailure) {
    let arguments = try Arguments(words, options: ["--html"], help: help)
    guard arguments.files.count == 2 else {
      throw .usage("`bench compare` takes two files\n\n\(help)")
    }
    let comparison = ReportComparison(
      try report(arguments.files[0]), try report(arguments.files[1]))
    Output.print(comparison.text)
    if let path = try arguments.optional("--html") {
      try FileSystem.write(Array(comparison.html.utf8), to: path)
    }
  }

  private static func report(_ path: String) throws(CommandFailure) -> LoadReport {
    let bytes = try FileSystem.read(path)
    let json: JSONValue
    do throws(JSONFault) {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw .findings("`\(path)` is not JSON: \(error)")
    }
    do throws(LoadPlanError) {
      return try LoadReport(json: json)
    } catch {
      throw .findings("`\(path)`: \(error)")
    }
  }
}
