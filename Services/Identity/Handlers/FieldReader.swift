internal import Platform

/// Reads the fields of a request, and tells all that is wrong with them at once.
///
///     var fields = FieldReader()
///     let id = fields.id("id", request.id)
///     let name = fields.text("display_name", request.displayName, 1...120)
///     try fields.check()
struct FieldReader {
  private var faults: [FieldFault] = []

  /// A field is wrong in a way of its own.
  mutating func fault(_ field: String, _ reason: String, _ explanation: String) {
    faults.append(FieldFault(field, reason, explanation))
  }

  /// An id that must be there; the nil UUID stands for one that is wrong.
  mutating func id(_ field: String, _ text: String) -> UUID {
    if let id = UUID(text), id != .null { return id }
    fault(
      field, text.isEmpty ? "REQUIRED" : "NOT_UUID",
      "give a UUID as 36 lower-case characters, not the nil UUID")
    return .null
  }

  /// An id that may be left out.
  mutating func optionalID(_ field: String, _ text: String) -> UUID? {
    text.isEmpty ? nil : id(field, text)
  }

  /// A text made clean, with so many characters.
  mutating func text(_ field: String, _ text: String, _ length: ClosedRange<Int>) -> String {
    // A character may be several scalars: the bound on bytes keeps hostile ones small.
    guard text.utf8.count <= 16 * length.upperBound, let clean = CleanText.clean(text) else {
      fault(
        field, "TEXT_INVALID",
        "give at most \(length.upperBound) characters, without control characters")
      return ""
    }
    if clean.count > length.upperBound {
      fault(field, "TOO_LONG", "give at most \(length.upperBound) characters")
    } else if clean.count < length.lowerBound {
      fault(
        field, clean.isEmpty ? "REQUIRED" : "TOO_SHORT",
        "give at least \(length.lowerBound) characters")
    }
    return clean
  }

  /// A secret as it was typed, which must be there: neither trimmed nor changed.
  mutating func secret(_ field: String, _ text: String, bytesMax: Int) -> String {
    if text.isEmpty { fault(field, "REQUIRED", "give it") }
    guard text.utf8.count <= bytesMax else {
      fault(field, "TOO_LONG", "give at most \(bytesMax) bytes")
      return ""
    }
    return text
  }

  /// Refuses the request if something was wrong.
  func check() throws(IdentityError) {
    if !faults.isEmpty { throw .fieldsInvalid(faults) }
  }
}
