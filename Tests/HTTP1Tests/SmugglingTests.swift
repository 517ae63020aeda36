import Foundation
import HTTP1
import Testing

/// A request that must be refused; the probes of a live server read the same file.
struct Smuggling: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  /// Each character is a byte.
  let bytes: String
  let expectStatus: Int

  var testDescription: String { name }
  var input: [UInt8] { bytes.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

  static func all() throws -> [Smuggling] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Hostile/http1_smuggling.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode([Smuggling].self, from: Data(contentsOf: file))
  }
}

@Suite struct SmugglingTests {
  @Test(arguments: try Smuggling.all())
  func `is refused with its status and closes`(_ attack: Smuggling) throws {
    let heard = try converse([attack.input[...]])
    #expect(heard.failure?.status == attack.expectStatus, "\(String(describing: heard.failure))")
    #expect(heard.ended == 0)
    let answer = text(heard.output)
    #expect(answer.hasPrefix("HTTP/1.1 \(attack.expectStatus) "))
    #expect(answer.contains("\r\nconnection: close\r\n"))
  }

  @Test(arguments: try Smuggling.all())
  func `is refused alike however it is split`(_ attack: Smuggling) throws {
    let input = attack.input
    let whole = try converse([input[...]])
    #expect(try converse(input.indices.map { input[$0...$0] }) == whole)
    // Every place in short inputs, every 97th in the few long ones.
    for cut in stride(from: 1, to: input.count, by: input.count > 1000 ? 97 : 1) {
      #expect(try converse([input[..<cut], input[cut...]]) == whole, "cut at \(cut)")
    }
  }
}
