/// A place inside one file: 1-based line and column.
struct Position: Sendable, Hashable {
  var line: Int
  var column: Int
}

/// A stretch of one file, the end exclusive.
struct SourceSpan: Sendable, Hashable {
  var start: Position
  var end: Position
}

/// The smallest unit of a schema file.
struct Token {
  enum Kind: Hashable {
    case identifier
    case integer(UInt64)
    case float(Double)
    case string([UInt8])
    case symbol
    case end
  }

  var kind: Kind
  /// Identifiers, numbers and symbols as written; empty for strings.
  var text: String
  var span: SourceSpan
  /// The comments between the token before and this one.
  var comments: CommentGap

  func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
  func isKeyword(_ word: String) -> Bool { kind == .identifier && text == word }

  /// How messages name this token.
  var description: String {
    switch kind {
    case .string: "a string"
    case .end: "the end of the file"
    case .identifier, .integer, .float, .symbol: "`\(text)`"
    }
  }
}

/// The comments between two tokens, told apart as descriptor.proto defines it for `SourceCodeInfo`.
struct CommentGap: Hashable {
  /// Belongs to the token before.
  var trailing: String?
  /// Belong to nothing.
  var detached: [String] = []
  /// Belongs to the token after.
  var leading: String?
}
