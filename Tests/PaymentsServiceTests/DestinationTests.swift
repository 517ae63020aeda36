import Platform
import Testing

@testable import PaymentsService

@Suite struct DestinationTests {
  // From the IBAN registry's examples.
  @Test(arguments: [
    "PK36SCBL0000001123456702", "GB29NWBK60161331926819", "DE89370400440532013000",
    "AE070331234567890123456", "SA0380000000608010167519", "MT84MALT011000012345MTLCAST001S",
    "NO9386011117947",
  ])
  func `an IBAN of the registry is taken, and no neighbour of it`(_ text: String) {
    #expect(IBAN(text) != nil)
    let digits = Array(text)
    for place in 4..<digits.count where digits[place].isNumber {
      var other = digits
      other[place] = digits[place] == "9" ? "0" : "9"
      if other != digits { #expect(IBAN(String(other)) == nil) }
    }
    #expect(IBAN(text + "0") == nil)
    #expect(IBAN(String(text.dropLast())) == nil)
    #expect(IBAN(text.lowercased()) == nil)
  }

  @Test(arguments: [
    "", "PK", "ZZ36SCBL0000001123456702", "PK36 SCBL 0000 0011 2345 6702", "پاکستان",
  ])
  func `what is no IBAN is refused`(_ text: String) { #expect(IBAN(text) == nil) }

  @Test func `only the ends of a number are shown`() {
    #expect(IBAN("PK36SCBL0000001123456702")?.masked == "PK36****************6702")
    #expect(MobileNumber("+923001234567")?.masked == "+923*****4567")
  }

  @Test(arguments: [
    ("+923001234567", true), ("+1234567", true), ("+123456789012345", true),
    ("923001234567", false),
    ("+0230012345", false), ("+123456", false), ("+1234567890123456", false),
    ("+92300 123456", false),
    ("", false),
  ])
  func `numbers are as in E.164`(_ text: String, _ isGood: Bool) {
    #expect((MobileNumber(text) != nil) == isGood)
  }

  @Test(arguments: [
    ("HABBPKKA", true), ("HABBPKKA001", true), ("HABBPK", false), ("habbpkka", false),
    ("HABB1KKA", false), ("HABBPKKA0", false),
  ])
  func `a BIC is 8 or 11 letters and digits`(_ text: String, _ isGood: Bool) {
    #expect((BIC(text) != nil) == isGood)
  }

  @Test(arguments: [
    (Array("%PDF-1.7".utf8), FileKind.pdf as FileKind?), ([0xFF, 0xD8, 0xFF, 0xE0], .jpeg),
    ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png),
    ([0, 0, 0, 24] + Array("ftypisom".utf8), .mp4), (Array("<html>".utf8), nil), ([], nil),
  ])
  func `files are told by their first bytes`(_ bytes: [UInt8], _ kind: FileKind?) {
    #expect(FileKind(firstBytes: bytes) == kind)
  }

  @Test(arguments: [
    ("../../etc/passwd", "passwd"), ("C:\\x\\bill.pdf", "bill.pdf"), ("a\u{0}b\n.pdf", "ab.pdf"),
    ("", "file"), ("..", "file"), ("بل.pdf", "بل.pdf"),
  ])
  func `a name is made safe`(_ name: String, _ safe: String) {
    #expect(FileKind.safeName(name) == safe)
  }

  @Test func `what is tried again waits longer each time, up to an hour and a quarter`() {
    let random = SeededRandom(seed: 5)
    for attempt in 1...40 as ClosedRange<Int64> {
      let least = Duration.seconds(min(3_600, 1 << min(attempt - 1, 12)))
      let delay = RetrySchedule.delay(afterAttempt: attempt, random)
      #expect(delay >= least && delay < least * 1.25)
    }
  }
}
