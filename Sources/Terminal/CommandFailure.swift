/// What a run ends with.
public enum ExitCode: Int32, Sendable {
  /// It did what was asked for.
  case success = 0
  /// The schema or the data is at fault.
  case findings = 1
  /// The command line is at fault.
  case usage = 2
}

/// Why a command stops.
public enum CommandFailure: Error {
  /// The command line cannot be understood, or names what is not there.
  case usage(String)
  /// The schema or the data is at fault; the text says where.
  case findings(String)
  /// Not a failure: the person asked how to use the command.
  case help(String)

  /// What to say.
  public var message: String {
    switch self {
    case .usage(let text): "\(ThisProcess.name): \(text)"
    case .findings(let text), .help(let text): text
    }
  }

  /// What to end with.
  public var exitCode: ExitCode {
    switch self {
    case .usage: .usage
    case .findings: .findings
    case .help: .success
    }
  }
}
