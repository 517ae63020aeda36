/// What a change of a schema does to those who still have the schema of before.
public struct BreakingChange: Sendable, Hashable, CustomStringConvertible {
  /// What no longer works between old and new.
  public enum Contract: String, Sendable, Hashable, Comparable, CaseIterable {
    /// Messages in the native encoding.
    case native
    /// Messages in protobuf binary.
    case protobuf
    /// Messages in JSON, and REST routes.
    case json
    /// Calls.
    case rpc

    /// In order of declaration.
    public static func < (left: Self, right: Self) -> Bool {
      allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }
  }

  /// What breaks, sorted.
  public var contracts: [Contract]
  /// Where in the new schema; what is gone is told of where it was, or of what it was in.
  public var location: SourceLocation
  /// What changed.
  public var message: String
  /// How to get the same without breaking anything.
  public var hint: String?

  /// `file:line:column: breaks native, json: message`, and the hint on a line of its own.
  public var description: String {
    let place = "\(location.file):\(location.line):\(location.column): "
    let names = contracts.map(\.rawValue).joined(separator: ", ")
    return "\(place)breaks \(names): \(message)" + (hint.map { "\n  hint: \($0)" } ?? "")
  }
}

extension Schema {
  /// The changes from an older schema to this one that break something, by place.
  public func breakingChanges(since old: Schema) -> [BreakingChange] {
    var comparison = SchemaComparison(old: old, new: self)
    comparison.compare()
    return comparison.findings.sorted { $0.location < $1.location }
  }
}
