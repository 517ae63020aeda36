/// The comments of a declaration, without their marks, each line beginning as it was written.
public struct Comments: Sendable, Hashable {
  /// Directly in front.
  public var leading: String?
  /// Directly behind, on the same line.
  public var trailing: String?
  /// In front, parted by a blank line.
  public var detached: [String] = []

  /// Whether there is none.
  public var isEmpty: Bool { leading == nil && trailing == nil && detached.isEmpty }
}

/// Where a declaration stands and what is said about it.
public struct SourceInfo: Sendable, Hashable {
  /// Its first character.
  public var location: SourceLocation
  /// The line of its end, 1-based.
  public var endLine: Int
  /// The column after its last character, 1-based.
  public var endColumn: Int
  /// What is said about it.
  public var comments: Comments
}
