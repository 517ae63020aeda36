/// One finding about a schema file: where it is, what is wrong, and what to do about it.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
  /// How grave a finding is.
  public enum Severity: String, Sendable, Hashable {
    /// The schema cannot be used.
    case error
    /// The schema can be used, though something in it is probably not meant.
    case warning
  }

  /// Whether the schema can still be used.
  public var severity: Severity
  /// The first character of what is wrong.
  public var location: SourceLocation
  /// What is wrong, without a full stop.
  public var message: String
  /// What to do about it, if that can be told.
  public var hint: String?

  /// A finding at `location`.
  public init(
    _ severity: Severity = .error, at location: SourceLocation, _ message: String,
    hint: String? = nil
  ) {
    self.severity = severity
    self.location = location
    self.message = message
    self.hint = hint
  }

  /// `file:line:column: message`, and the hint on a line of its own.
  public var description: String {
    let place = "\(location.file):\(location.line):\(location.column): "
    let kind = severity == .warning ? "warning: " : ""
    return place + kind + message + (hint.map { "\n  hint: \($0)" } ?? "")
  }
}
