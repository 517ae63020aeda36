/// Why the database did not do what it was asked for.
public struct StorageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What a caller can do about it.
  public enum Code: Sendable, Hashable {
    /// Too many wait already: nothing was begun; try again later.
    case busy
    /// Others kept changing the same rows: nothing was written; try again.
    case conflict
    /// A row would break a rule of the schema: nothing was written.
    case constraint(Constraint)
    /// The database cannot be reached, or its disk is full or failing: nothing was written.
    case unavailable
    /// The connection or the disk failed during the commit: the write is there or not. Whoever
    /// retries must do so with the same id.
    case outcomeUnknown
    /// It took longer than the limit: nothing was written.
    case tooSlow
    /// The database does not fit this program: another version, a changed migration, a damaged file.
    case unfit
    /// The program's own fault: SQL that is wrong, a column of another type.
    case invalid
    /// The database has been stopped.
    case stopped
  }

  /// The kinds of rules that a schema sets.
  public enum Constraint: Sendable, Hashable {
    case unique, foreignKey, check, notNull
  }

  /// What a caller can do.
  public let code: Code
  /// What happened and what to do, for the log: it may name tables, not values.
  public let description: String

  /// An error with words for the log.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// Whether the whole transaction is over, whosever statement it was.
  var endsTransaction: Bool {
    switch code {
    case .conflict, .unavailable, .outcomeUnknown, .tooSlow, .unfit, .stopped, .busy: true
    case .constraint, .invalid: false
    }
  }
}

extension StorageError {
  static let zeroInText = StorageError(.invalid, "a text holds the character of code 0")
  static let swallowed = StorageError(.invalid, "a failed statement was taken for a success")

  static func busy(_ waiting: Int) -> StorageError {
    StorageError(.busy, "\(waiting) transactions wait already; try again later")
  }

  static func wrongType(_ column: Int, _ wanted: String) -> StorageError {
    StorageError(.invalid, "column \(column) holds no \(wanted): the query and the code differ")
  }
}
