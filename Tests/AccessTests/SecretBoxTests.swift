import Access
import Cryptography
import Foundation
import Platform
import Testing

@Suite struct SecretBoxTests {
  private let random = SeededRandom(seed: 21)
  private let secret = Array("JBSWY3DPEHPK3PXP".utf8)
  private let place = SecretBox.Place(
    table: "authenticator", row: UUID(high: 1, low: 2), column: "secret")

  private func text(after text: String? = nil, at seconds: Int64 = 1) throws -> String {
    try KeyFile.addingKey(to: text, at: .seconds(seconds), random)
  }

  @Test func `a secret comes back, at its place only`() throws {
    let box = SecretBox(try KeyFile(text()))
    let sealed = box.seal(secret, at: place, random)
    #expect(try box.open(sealed, at: place) == secret)
    #expect(sealed.contains(secret) == false)
    let others = [
      SecretBox.Place(table: "authenticator", row: UUID(high: 1, low: 3), column: "secret"),
      SecretBox.Place(table: "authenticator", row: UUID(high: 1, low: 2), column: "label"),
      SecretBox.Place(table: "webhook", row: UUID(high: 1, low: 2), column: "secret"),
    ]
    for other in others {
      #expect(throws: CryptographyError.sealBroken) { try box.open(sealed, at: other) }
    }
  }

  @Test func `places never run into each other`() {
    let left = SecretBox.Place(table: "a", row: "bc", column: "d")
    let right = SecretBox.Place(table: "ab", row: "c", column: "d")
    #expect(left != right)
  }

  @Test func `a newer key seals, older ones still open, until all is sealed anew`() throws {
    let old = try text()
    let both = try text(after: old, at: 2)
    let box = SecretBox(try KeyFile(old))
    let sealed = box.seal(secret, at: place, random)
    #expect(!box.needsResealing(sealed))
    box.replaceKeys(try KeyFile(both))
    #expect(box.needsResealing(sealed))
    #expect(try box.open(sealed, at: place) == secret)
    let again = try box.reseal(sealed, at: place, random)
    #expect(!box.needsResealing(again))
    box.replaceKeys(try KeyFile(both.split(separator: "\n").dropLast().joined(separator: "\n")))
    #expect(try box.open(again, at: place) == secret)
    #expect(throws: CryptographyError.sealBroken) { try box.open(sealed, at: place) }
  }

  @Test func `every change is found`() throws {
    let box = SecretBox(try KeyFile(text()))
    let sealed = box.seal(secret, at: place, random)
    for position in sealed.indices {
      var changed = sealed
      changed[position] ^= 1
      #expect(throws: CryptographyError.sealBroken) { try box.open(changed, at: place) }
    }
    #expect(throws: CryptographyError.sealBroken) { try box.open([], at: place) }
    #expect(throws: CryptographyError.sealBroken) { try box.open([1, 200, 7], at: place) }
  }

  // MARK: Key files

  @Test(arguments: [
    "", "# nothing\n", "k1 AAAA\n", "k1:AAAA\n", "k1: AAAA\n", "K1: KEY\n", "k1: KEY=\n",
    "k1: KEY\nk1: KEY\n", "a b: KEY\n",
  ])
  func `a file that is not right is refused`(_ text: String) {
    let key = Base64URL.text([UInt8](repeating: 7, count: 32))
    #expect(throws: KeyFileError.self) { try KeyFile(text.replacing("KEY", with: key)) }
  }

  @Test func `a file is made for its owner alone, and grows by a key`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "sarai-keys-\(SystemRandom().next())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "keys").path
    #expect(throws: KeyFileError.self) { try KeyFile(path: path) }
    try KeyFile.addKey(path: path, at: .seconds(1), random)
    let first = SecretBox(try KeyFile(path: path))
    let sealed = first.seal(secret, at: place, random)
    try KeyFile.addKey(path: path, at: .seconds(2), random)
    let second = SecretBox(try KeyFile(path: path))
    #expect(second.keyName != first.keyName)
    #expect(try second.open(sealed, at: place) == secret)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    #expect(throws: KeyFileError.self) { try KeyFile(path: path) }
  }
}
