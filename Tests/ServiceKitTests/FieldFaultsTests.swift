import Platform
import RPC
import RPCContracts
import ServiceKit
import Testing

@Suite struct FieldFaultsTests {
  @Test func `all faults are told at once, in order`() throws {
    var faults = FieldFaults()
    #expect(faults.id("", "id") == .null)
    faults.text("", "label", lengthMin: 1, lengthMax: 60)
    faults.range(0, "roles", 1...5)
    let error = #expect(throws: RPCError.self) { try faults.check() }
    #expect(error?.code == .invalidArgument)
    #expect(error?.info?.reason == "FIELD_INVALID")
    let violations = error?.detail(SaraiRPC.FieldViolations.self)?.violations
    #expect(violations?.map(\.field) == ["id", "label", "roles"])
    #expect(violations?.map(\.reason) == ["REQUIRED", "REQUIRED", "OUT_OF_RANGE"])
  }

  @Test(arguments: [
    ("fits", nil), ("too long for it", "TOO_LONG"), (" x", "NOT_TRIMMED"),
    ("x\u{3000}", "NOT_TRIMMED"),
    ("a\tb", "CONTROL_CHARACTER"), ("a\nb", "CONTROL_CHARACTER"), ("", "REQUIRED"),
  ])
  func `a text is told what is wrong with it`(_ text: String, _ reason: String?) {
    var faults = FieldFaults()
    faults.text(text, "name", lengthMin: 1, lengthMax: 8)
    do {
      try faults.check()
      #expect(reason == nil)
    } catch {
      let violations = error.detail(SaraiRPC.FieldViolations.self)?.violations
      #expect(violations?.map(\.reason) == reason.map { [$0] })
    }
  }

  @Test func `only paragraphs have line breaks`() throws {
    var faults = FieldFaults()
    faults.text("a\nb", "note", lengthMax: 10, isParagraph: true)
    try faults.check()
    faults.text("a\nb", "note", lengthMax: 10)
    #expect(throws: RPCError.self) { try faults.check() }
  }

  @Test func `an id is a UUID in lower case and not the nil one`() throws {
    var faults = FieldFaults()
    let text = "0192f5d4-7c1e-7a3b-9f00-2b1c3d4e5f60"
    #expect(faults.id(text, "id").description == text)
    #expect(faults.optionalID("", "party_id") == nil)
    try faults.check()
    for wrong in [text.uppercased(), UUID.null.description, "x"] {
      var faults = FieldFaults()
      _ = faults.id(wrong, "id")
      #expect(!faults.isEmpty)
    }
  }
}
