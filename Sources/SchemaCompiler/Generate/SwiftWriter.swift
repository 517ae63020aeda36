/// Puts lines of Swift together, indented.
struct SwiftWriter {
  /// Where a line should end.
  static let columnsMax = 100

  private(set) var text = ""
  private var depth = 0

  /// A line; an empty one gets no blanks.
  mutating func line(_ content: String = "") {
    if !content.isEmpty { text += String(repeating: "  ", count: depth) + content }
    text += "\n"
  }

  /// Lines between `head {` and `}`.
  mutating func block(_ head: String, _ body: (inout SwiftWriter) -> Void) {
    line("\(head) {")
    indented(body)
    line("}")
  }

  mutating func indented(_ body: (inout SwiftWriter) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  /// A declaration's head: on one line if it fits, else a parameter a line.
  mutating func list(_ head: String, _ items: [String], closing: String) {
    let single = head + items.joined(separator: ", ") + closing
    if fits(single) { return line(single) }
    line(head)
    indented { writer in
      for (index, item) in items.enumerated() {
        writer.parameter(index < items.count - 1 ? "\(item)," : item)
      }
    }
    line(closing)
  }

  /// `name: Type`, the type on a line of its own if it is too long.
  private mutating func parameter(_ content: String) {
    let parts = content.split(separator: ": ", maxSplits: 1)
    guard !fits(content), parts.count == 2 else { return line(content) }
    line("\(parts[0]):")
    indented { $0.line(String(parts[1])) }
  }

  /// A call: on one line if it fits, else its arguments on as few further lines as hold them.
  ///
  /// - Parameter opening: what follows the arguments when a closure does.
  mutating func call(
    _ head: String, _ arguments: [String], opening: String? = nil, closing: String = ")"
  ) {
    let single = head + arguments.joined(separator: ", ") + closing + (opening ?? "")
    if fits(single) { return line(single) }
    line(head)
    indented { $0.fill(arguments, closing: opening == nil ? closing : "") }
    if let opening { line(closing + opening) }
  }

  /// Items, comma between them, on as few lines as hold them.
  private mutating func fill(_ items: [String], closing: String) {
    var current = ""
    for (index, item) in items.enumerated() {
      let piece = item + (index < items.count - 1 ? "," : closing)
      if current.isEmpty {
        current = piece
      } else if fits("\(current) \(piece)") {
        current += " \(piece)"
      } else {
        line(current)
        current = piece
      }
    }
    if !current.isEmpty { line(current) }
  }

  /// Whether a line at the current depth stays within the limit.
  func fits(_ content: String) -> Bool {
    depth * 2 + content.count <= Self.columnsMax
  }

  /// A documentation comment of these paragraphs' lines.
  mutating func comment(_ lines: [String]) {
    for content in lines { line(content.isEmpty ? "///" : "/// \(content)") }
  }
}

extension Comments {
  /// The lines of the comment that documents a declaration.
  var documentation: [String] {
    guard let text = leading ?? trailing else { return [] }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var line = line.hasPrefix(" ") ? line.dropFirst() : line
      while let last = line.last, last.isWhitespace { line.removeLast() }
      return String(line)
    }
    while lines.last == "" { lines.removeLast() }
    while lines.first == "" { lines.removeFirst() }
    return lines
  }
}
