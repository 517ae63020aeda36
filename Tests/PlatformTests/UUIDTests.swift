import Platform
import Testing

struct UUIDTests {
  private static let text = "0192f5d4-7c1e-7a3b-9f00-2b1c3d4e5f60"

  @Test func `text and bytes come back as they were`() throws {
    let id = try #require(UUID(Self.text))
    #expect(id.description == Self.text)
    #expect(UUID(bytes: id.bytes) == id)
    #expect(id.bytes.first == 0x01 && id.bytes.last == 0x60 && id.bytes.count == 16)
  }

  @Test(arguments: [
    "", "0192F5D4-7C1E-7A3B-9F00-2B1C3D4E5F60", "0192f5d4-7c1e-7a3b-9f00-2b1c3d4e5f6",
    "0192f5d47c1e7a3b9f002b1c3d4e5f60", "{0192f5d4-7c1e-7a3b-9f00-2b1c3d4e5f6}",
    "0192f5d4-7c1e-7a3b-9f00-2b1c3d4e5f60 ", "0192f5d4-7c1e-7a3b-9f00-2b1c3d4e5fé",
    "0192f5d4-7c1e-7a3b-9f0-02b1c3d4e5f60", "g192f5d4-7c1e-7a3b-9f00-2b1c3d4e5f60",
  ])
  func `any other text is none`(text: String) {
    #expect(UUID(text) == nil)
  }

  @Test func `version 7 bears its time, version and variant, and sorts by time`() {
    let random = SeededRandom(seed: 7)
    let early = UUID.version7(sinceEpoch: .milliseconds(0x0192_f5d4_7c1e), random)
    let late = UUID.version7(sinceEpoch: .milliseconds(0x0192_f5d4_7c1f), random)
    #expect(early.description.hasPrefix("0192f5d4-7c1e-7"))
    #expect("89ab".contains(Array(early.description)[19]))
    #expect(early < late && early.description < late.description)
  }
}

struct RandomSourceTests {
  @Test func `the same seed gives the same bytes, another seed others`() {
    #expect(SeededRandom(seed: 1).bytes(33) == SeededRandom(seed: 1).bytes(33))
    #expect(SeededRandom(seed: 1).bytes(33) != SeededRandom(seed: 2).bytes(33))
    #expect(SystemRandom().bytes(33).count == 33)
  }

  @Test func `numbers stay below their bound and reach all of it`() {
    let random = SeededRandom(seed: 3)
    let seen = Set((0..<1_000).map { _ in random.number(below: 6) })
    #expect(seen == [0, 1, 2, 3, 4, 5])
    #expect(random.number(below: 1) == 0)
  }
}
