import Platform
import Testing

@testable import IdentityService

@Suite struct FieldReaderTests {
  @Test func `all that is wrong is told at once, in the order of the fields`() throws {
    var fields = FieldReader()
    _ = fields.id("id", "not one")
    _ = fields.text("display_name", "   ", 1...5)
    _ = fields.text("label", "too long", 0...3)
    let error = #expect(throws: IdentityError.self) { try fields.check() }
    guard case .fieldsInvalid(let faults) = error else { throw try #require(error) }
    #expect(faults.map(\.field) == ["id", "display_name", "label"])
    #expect(faults.map(\.reason) == ["NOT_UUID", "REQUIRED", "TOO_LONG"])
  }

  @Test(arguments: [
    ("Ay\tesha", nil), ("\u{2003}Ayesha Khan ", "Ayesha Khan"), ("Jose\u{301}", "Jos\u{E9}"),
    ("a\u{0}b", nil), ("a\u{2028}b", nil),
  ])
  func `text is trimmed and composed, and free of control characters`(
    _ text: String, _ expected: String?
  ) {
    let clean = CleanText.clean(text)
    #expect(clean.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
  }
}
