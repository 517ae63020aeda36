/// A place in a schema file, as compilers print it: 1-based line and column (in characters).
public struct SourceLocation: Sendable, Hashable, Comparable {
  /// The path as it was imported, relative to its root.
  public var file: String
  /// 1-based.
  public var line: Int
  /// 1-based, in Unicode scalars; a tab counts as one.
  public var column: Int

  /// A place in `file`.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// Orders by file, then line, then column.
  public static func < (left: Self, right: Self) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}
