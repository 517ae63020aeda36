internal import Cryptography
public import RPC
public import TypeContracts
public import Wire

/// The part of a list that a caller asks for: how many items, and behind which.
///
/// A cursor holds the key of the last item seen, bound by a digest to the method, its filters and
/// its caller: it gives nothing that the request itself would not, so it needs no secret.
public struct Page: Sendable {
  /// How many items to answer at most.
  public let size: Int
  /// The key of the item to go on behind; nil for the first page.
  public let after: [String]?
  /// Whether the number of all items is asked for.
  public let countsTotal: Bool
  private let binding: [UInt8]

  /// How many items a page has at most, and how many if the caller does not say.
  public static let sizeMax = 500
  /// How many items a page has if the caller does not say.
  public static let sizeDefault = 50
  /// A page that grows past this ends sooner.
  public static let bytesMax = 2 << 20
  private static let bindingByteCount = 12

  /// Reads what the request says.
  ///
  /// - Parameters:
  ///   - path: where the request has its page.
  ///   - caller: who calls, so that nobody goes on with another's cursor.
  /// - Throws: `invalidArgument` (CURSOR_INVALID, FIELD_INVALID).
  public init<Request: Message>(
    _ path: WritableKeyPath<Request, SaraiType.PageRequest?>, of request: Request,
    caller: String, _ context: CallContext
  ) throws(RPCError) {
    let page = request[keyPath: path] ?? SaraiType.PageRequest()
    var faults = FieldFaults()
    faults.range(page.size, "page.size", 0...Int32.max)
    try faults.check()
    size = page.size == 0 ? Self.sizeDefault : min(Int(page.size), Self.sizeMax)
    countsTotal = page.countTotal
    var filters = request
    filters[keyPath: path] = nil
    guard let filterBytes = try? filters.encoded(as: .native) else { throw .cursorInvalid }
    let place = Array("\(context.method.path)\n\(caller)\n".utf8)
    binding = Array(SHA256.digest(place + filterBytes).prefix(Self.bindingByteCount))
    guard !page.cursor.isEmpty else {
      after = nil
      return
    }
    guard let bytes = Base64URL.bytes(page.cursor), bytes.starts(with: binding),
      let key = String(validating: bytes.dropFirst(Self.bindingByteCount), as: UTF8.self)
    else { throw .cursorInvalid }
    after = key.split(separator: "\u{0}", omittingEmptySubsequences: false).map(String.init)
  }

  /// Cuts what a store found to the page.
  ///
  /// - Parameters:
  ///   - found: the items behind `after`, one more than `size` if there are so many.
  ///   - total: how many the whole list has, if counted.
  ///   - key: what an item is ordered by, unique among all.
  public func cut<Item: Message>(
    _ found: [Item], total: Int64? = nil, key: (Item) -> [String]
  ) -> (items: [Item], page: SaraiType.PageResponse) {
    var items: [Item] = []
    var byteCount = 0
    for item in found.prefix(size) {
      byteCount += (try? item.encoded(as: .native).count) ?? 0
      if byteCount > Self.bytesMax, !items.isEmpty { break }
      items.append(item)
    }
    var page = SaraiType.PageResponse(totalCount: countsTotal ? total : nil)
    if items.count < found.count, let last = items.last { page.nextCursor = cursor(key(last)) }
    return (items, page)
  }

  /// The cursor behind the item of a key.
  public func cursor(_ key: [String]) -> String {
    Base64URL.text(binding + Array(key.joined(separator: "\u{0}").utf8))
  }
}

extension RPCError {
  /// What a cursor that is not this list's is answered.
  public static let cursorInvalid = RPCError(
    .invalidArgument, reason: "CURSOR_INVALID",
    "the cursor is not of this list, its filters and this caller: begin again without one")
}
