/// What a run ends with.
public struct ExitCode: RawRepresentable, Sendable, Hashable {
  /// What the shell sees.
  public let rawValue: Int32

  /// An exit code by its number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// It did what was asked for.
  public static let success = ExitCode(rawValue: 0)
  /// The schema or the data is at fault.
  public static let findings = ExitCode(rawValue: 1)
  /// The command line is at fault.
  public static let usage = ExitCode(rawValue: 2)

  /// A call failed with this status code of gRPC: 64 and the code.
  public static func call(status: Int) -> ExitCode {
    ExitCode(rawValue: 64 + Int32(truncatingIfNeeded: status))
  }
}

/// Why a command stops.
public enum CommandFailure: Error {
  /// The command line cannot be understood, or names what is not there.
  case usage(String)
  /// The schema or the data is at fault; the text says where.
  case findings(String)
  /// A call failed with a status code of gRPC; the text says how.
  case call(String, status: Int)
  /// Not a failure: the person asked how to use the command.
  case help(String)

  /// What to say.
  public var message: String {
    switch self {
    case .usage(let text), .call(let text, _): "\(ThisProcess.name): \(text)"
    case .findings(let text), .help(let text): text
    }
  }

  /// What to end with.
  public var exitCode: ExitCode {
    switch self {
    case .usage: .usage
    case .findings: .findings
    case .call(_, let status): .call(status: status)
    case .help: .success
    }
  }
}
