import RPC
import RPCContracts
import ServiceKit
import Testing
import TypeContracts
import Wire

@Suite struct PageTests {
  /// A request with a page and one filter, as contracts have them.
  private struct Listing: Message {
    var page: SaraiType.PageRequest?
    var filter = ""
    var unknownFields = UnknownFields()

    init() {}

    static let layout = MessageLayout(Self.self, "test.Listing", unknown: \.unknownFields) {
      $0.optional(1, "page", .message(SaraiType.PageRequest.self), \.page)
      $0.singular(2, "filter", .string, \.filter)
    }
  }

  private let items = (0..<7).map { SaraiType.LocalizedText(en: "item \($0)") }

  private func page(
    size: Int32 = 3, cursor: String = "", filter: String = "", caller: String = "a",
    method: String = "List"
  ) throws(RPCError) -> Page {
    var request = Listing()
    request.page = SaraiType.PageRequest(size: size, cursor: cursor)
    request.filter = filter
    let context = CallContext(
      MethodDescriptor(service: "test.Service", name: method, kind: .unary))
    return try Page(\.page, of: request, caller: caller, context)
  }

  @Test func `pages follow one another through the whole list`() throws {
    var seen: [String] = []
    var cursor = ""
    repeat {
      let page = try page(cursor: cursor)
      let start = page.after.map { after in items.firstIndex { [$0.en] == after } ?? 0 } ?? -1
      let found = Array(items.dropFirst(start + 1).prefix(page.size + 1))
      let (cut, answer) = page.cut(found) { [$0.en] }
      seen += cut.map(\.en)
      cursor = answer.nextCursor
    } while !cursor.isEmpty
    #expect(seen == items.map(\.en))
  }

  @Test func `a cursor serves nothing but its list, filter and caller`() throws {
    let cursor = try page().cursor(["item 2"])
    #expect(try page(cursor: cursor).after == ["item 2"])
    for stray in [
      { try page(cursor: cursor, filter: "x") }, { try page(cursor: cursor, caller: "b") },
      { try page(cursor: cursor, method: "Other") }, { try page(cursor: cursor + "A") },
      { try page(cursor: "?") },
    ] as [() throws -> Page] {
      let error = #expect(throws: RPCError.self) { try stray() }
      #expect(error?.code == .invalidArgument && error?.info?.reason == "CURSOR_INVALID")
    }
  }

  @Test func `a page has 50 items unless asked and 500 at most`() throws {
    #expect(try page(size: 0).size == 50)
    #expect(try page(size: 9_999).size == 500)
    #expect(throws: RPCError.self) { try page(size: -1) }
  }

  @Test func `a page of large items ends sooner`() throws {
    let large = (0..<3).map { _ in
      SaraiType.LocalizedText(en: String(repeating: "x", count: 1_500_000))
    }
    let (cut, answer) = try page().cut(large) { _ in ["k"] }
    #expect(cut.count == 1)
    #expect(!answer.nextCursor.isEmpty)
  }
}
