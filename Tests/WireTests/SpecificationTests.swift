import Foundation
import SchemaCompiler
import Testing
import Wire

/// Proto/README.md specifies native for other implementers; what it says must be so.
@Suite struct SpecificationTests {
  private let page: Page
  private let layouts: SchemaLayouts

  init() throws {
    page = try Page()
    let compilation = Compilation(
      ["page.proto"], from: SchemaTexts(["page.proto": page.schema]))
    layouts = SchemaLayouts(try #require(compilation.schema))
  }

  private func layout(_ type: String) throws -> MessageLayout {
    try #require(layouts["example.\(type)"])
  }

  @Test func `the page has all its examples`() {
    #expect(page.accepted.count >= 12)
    #expect(page.refused.count >= 15)
    #expect(page.kept.count == 2)
  }

  @Test func `the page's schema is the one that the other tests are generated from`() throws {
    let file = Schemas.tests.appending(path: "WireTests/Proto/example.proto")
    #expect(try String(contentsOf: file, encoding: .utf8) == page.schema)
  }

  @Test func `every accepted example goes from JSON to native and back`() throws {
    for row in page.accepted {
      let layout = try layout(row.type)
      let read = try DynamicMessage(layout, decoding: Array(row.json.utf8), as: .json)
      #expect(try read.encoded(as: .native) == row.native.bytes, "\(row)")
      let back = try DynamicMessage(layout, decoding: row.native.bytes, as: .native)
      #expect(String(decoding: try back.encoded(as: .json), as: UTF8.self) == row.json, "\(row)")
    }
  }

  @Test func `every refused example is refused at its byte`() throws {
    for row in page.refused {
      let layout = try layout(row.type)
      let error = #expect(throws: WireError.self, "\(row)") {
        _ = try DynamicMessage(layout, decoding: row.native.bytes, as: .native)
      }
      #expect(error?.byteOffset == row.offset, "\(row): \(String(describing: error))")
    }
  }

  @Test func `the newer senders' examples are kept`() throws {
    for row in page.kept {
      let message = try DynamicMessage(
        try layout(row.type), decoding: row.native.bytes, as: .native)
      #expect(try message.encoded(as: .native) == row.native.bytes)
      #expect(throws: WireError.self) { try message.encoded(as: .json) }
    }
  }
}

/// The examples of the page.
private struct Page {
  struct Accepted {
    let type: String
    let json: String
    let native: Hex
  }

  struct Refused {
    let type: String
    let native: Hex
    let offset: Int
  }

  struct Kept {
    let type: String
    let native: Hex
  }

  private(set) var schema = ""
  private(set) var accepted: [Accepted] = []
  private(set) var refused: [Refused] = []
  private(set) var kept: [Kept] = []

  init() throws {
    let url = Schemas.tests.deletingLastPathComponent().appending(path: "Proto/README.md")
    let text = try String(contentsOf: url, encoding: .utf8)
    var inSchema = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        inSchema = line == "```proto"
      } else if inSchema {
        schema += line + "\n"
      } else if line.hasPrefix("| `Price`") || line.hasPrefix("| `Ball`") {
        row(String(line))
      } else if line.hasPrefix("And these two") {
        newer(String(line))
      }
    }
  }

  private mutating func row(_ line: String) {
    let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
      .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
    if cells.count == 3 {
      accepted.append(Accepted(type: cells[0], json: cells[1], native: Hex(cells[2])))
    } else if cells.count == 4, let offset = Int(cells[2]) {
      refused.append(Refused(type: cells[0], native: Hex(cells[1]), offset: offset))
    }
  }

  /// In that sentence types and bytes stand in pairs, whichever comes first.
  private mutating func newer(_ line: String) {
    let spans = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    let types = spans.filter { ["Price", "Ball"].contains($0) }
    let bytes = spans.filter { $0.contains(" ") }
    kept = zip(types, bytes).map { Kept(type: $0, native: Hex($1)) }
  }
}
