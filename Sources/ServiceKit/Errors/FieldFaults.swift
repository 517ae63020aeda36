public import RPC
internal import RPCContracts

/// What is wrong with the fields of a request: all of it is told at once.
///
///     var faults = FieldFaults()
///     if request.label.count > 60 { faults.add("label", "TOO_LONG", "60 characters at most") }
///     try faults.check()
public struct FieldFaults: Sendable {
  private var violations: [SaraiRPC.FieldViolation] = []

  /// As many as the contract lets an answer have.
  private static let countMax = 100

  /// Nothing wrong so far.
  public init() {}

  /// Whether nothing is wrong.
  public var isEmpty: Bool { violations.isEmpty }

  /// Adds a fault.
  ///
  /// - Parameters:
  ///   - field: its path in the request, in proto names: `product.variants[2].hs_code`.
  ///   - reason: what kind of fault, such as `REQUIRED`, `TOO_LONG`, `NOT_ISO_4217`.
  ///   - explanation: what is wrong and what would be right, in English.
  public mutating func add(_ field: String, _ reason: String, _ explanation: String) {
    guard violations.count < Self.countMax else { return }
    violations.append(
      SaraiRPC.FieldViolation(field: field, reason: reason, explanation: explanation))
  }

  /// - Throws: `invalidArgument` (FIELD_INVALID) with all faults, if there are any.
  public func check() throws(RPCError) {
    guard let first = violations.first else { return }
    let more = violations.count > 1 ? " (and \(violations.count - 1) more)" : ""
    var error = RPCError(
      .invalidArgument, "`\(first.field)`: \(first.explanation)\(more)", reason: .fieldInvalid)
    error.attach(SaraiRPC.FieldViolations(violations: violations))
    throw error
  }
}
