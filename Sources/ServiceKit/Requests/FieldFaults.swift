public import Platform
public import RPC
internal import RPCContracts

/// Gathers what is wrong with a request's fields, so that the caller learns of all faults at once.
public struct FieldFaults: Sendable {
  private var violations: [SaraiRPC.FieldViolation] = []

  /// More faults than these are not told.
  private static let countMax = 100

  /// No fault yet.
  public init() {}

  /// Whether nothing is wrong so far.
  public var isEmpty: Bool { violations.isEmpty }

  /// Notes a fault of a field.
  ///
  /// - Parameters:
  ///   - field: its path in the request, in proto names: `product.variants[2].hs_code`.
  ///   - reason: the kind of fault: `REQUIRED`, `TOO_LONG`.
  ///   - explanation: what is wrong and what would be right.
  public mutating func add(_ field: String, _ reason: String, _ explanation: String) {
    guard violations.count < Self.countMax else { return }
    violations.append(
      SaraiRPC.FieldViolation(field: field, reason: reason, explanation: explanation))
  }

  /// Ends the check.
  /// - Throws: `invalidArgument` (FIELD_INVALID) with all faults, if there are any.
  public func check() throws(RPCError) {
    if let first = violations.first { throw error(first) }
  }

  private func error(_ first: SaraiRPC.FieldViolation) -> RPCError {
    let more = violations.count > 1 ? " (and \(violations.count - 1) more)" : ""
    return RPCError(
      .invalidArgument, reason: "FIELD_INVALID",
      "\(first.field): \(first.explanation)\(more)",
      details: [RPCError.Detail(SaraiRPC.FieldViolations(violations: violations))]
        .compactMap(\.self))
  }

  /// What a single fault is answered: `invalidArgument` (FIELD_INVALID).
  public static func error(
    _ field: String, _ reason: String, _ explanation: String
  ) -> RPCError {
    var faults = Self()
    faults.add(field, reason, explanation)
    return faults.error(faults.violations[0])
  }

  // MARK: What fields are checked for

  /// An id that must be there.
  ///
  /// - Returns: the id, or the nil UUID after noting the fault.
  public mutating func id(_ text: String, _ field: String) -> UUID {
    if let id = UUID(text), id != .null { return id }
    if text.isEmpty {
      add(field, "REQUIRED", "give an id")
    } else {
      add(field, "NOT_UUID", "give a UUID of 36 lower-case characters, not the nil UUID")
    }
    return .null
  }

  /// An id that may be left out.
  public mutating func optionalID(_ text: String, _ field: String) -> UUID? {
    text.isEmpty ? nil : id(text, field)
  }

  /// A line or paragraph of text: trimmed, of so many characters, free of control characters (line
  /// breaks are allowed where `isParagraph` says so).
  public mutating func text(
    _ text: String, _ field: String, lengthMin: Int = 0, lengthMax: Int, isParagraph: Bool = false
  ) {
    let scalars = text.unicodeScalars
    if scalars.count > lengthMax {
      add(field, "TOO_LONG", "give at most \(lengthMax) characters")
    } else if scalars.count < lengthMin {
      add(
        field, scalars.isEmpty ? "REQUIRED" : "TOO_SHORT",
        "give at least \(lengthMin) character\(lengthMin == 1 ? "" : "s")")
    } else if scalars.contains(where: { isControl($0) && !(isParagraph && $0 == "\n") }) {
      add(field, "CONTROL_CHARACTER", "leave out control characters")
    } else if let first = scalars.first, let last = scalars.last,
      first.properties.isWhitespace || last.properties.isWhitespace
    {
      add(field, "NOT_TRIMMED", "leave out white space at the beginning and the end")
    }
  }

  private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control
  }

  /// A number or a count within bounds.
  public mutating func range<Number: BinaryInteger>(
    _ number: Number, _ field: String, _ range: ClosedRange<Number>
  ) {
    if range.contains(number) { return }
    add(field, "OUT_OF_RANGE", "give \(range.lowerBound) to \(range.upperBound)")
  }
}
