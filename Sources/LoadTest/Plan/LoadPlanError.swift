/// Why a load cannot be planned, and what to write instead.
public struct LoadPlanError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The reason, for the person at the terminal.
  public let description: String

  /// An error of that text.
  public init(_ description: String) { self.description = description }
}
