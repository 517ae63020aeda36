import Testing
import Wire

/// Binary input that must be refused, why and where.
struct Refusal: Sendable, CustomTestStringConvertible {
  let type: String
  let hex: Hex
  let offset: Int
  let reason: WireError.Reason

  init(_ type: String, _ hex: Hex, at offset: Int, _ reason: WireError.Reason) {
    self.type = type
    self.hex = hex
    self.offset = offset
    self.reason = reason
  }

  var testDescription: String { "\(type) \(hex): \(reason.rawValue), at byte \(offset)" }
}
