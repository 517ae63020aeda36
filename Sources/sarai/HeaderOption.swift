import Terminal

/// `-H 'NAME: VALUE'`, any number of times.
enum HeaderOption {
  static func headers(
    _ arguments: Arguments
  ) throws(CommandFailure) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    for text in arguments.all("-H") {
      let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let name = halves[0].lowercased()
      let isName =
        !name.isEmpty
        && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
      guard halves.count == 2, isName else {
        throw .usage("`-H` takes 'NAME: VALUE', not `\(text)`")
      }
      let value = halves[1].drop { $0 == " " }
      guard value.unicodeScalars.allSatisfy({ (" "..."~").contains($0) }) else {
        throw .usage("the value of the header `\(name)` is not printable ASCII")
      }
      headers.append((name, String(value)))
    }
    return headers
  }
}
