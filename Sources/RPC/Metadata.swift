/// What travels with a call beside its messages: names in lower case, each with any number of values.
///
/// A name that ends in `-bin` stands for bytes: its value here is their base64, as it travels.
public struct Metadata: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  /// The entries in the order that they were added.
  public private(set) var entries: [Entry] = []

  /// One name with one value.
  public struct Entry: Sendable, Hashable {
    /// In lower case.
    public let name: String
    /// The value.
    public let value: String

    /// An entry as it travels.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// What a service hands on when it calls others on behalf of a call: where the call belongs.
  public static let carriedOn = ["traceparent", "tracestate", "x-request-id"]

  /// No metadata.
  public init() {}

  /// Metadata of these names and values.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }

  /// Adds a value under `name`, beside those that are there.
  public mutating func add(_ name: String, _ value: String) {
    entries.append(Entry(name: name.lowercased(), value: value))
  }

  /// Puts a value under `name` in place of those that are there.
  public mutating func set(_ name: String, _ value: String) {
    let name = name.lowercased()
    entries.removeAll { $0.name == name }
    entries.append(Entry(name: name, value: value))
  }

  /// Whether there is none.
  public var isEmpty: Bool { entries.isEmpty }

  /// The first value under a name, whatever its case.
  public subscript(name: String) -> String? {
    if entries.isEmpty { return nil }
    // Those that the code asks for are in lower case already.
    let hasCapitals = name.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    let name = hasCapitals ? name.lowercased() : name
    return entries.first { $0.name == name }?.value
  }

  /// What a service may add to an answer, as `headerByteCount` counts: half of the header that a peer
  /// has to take (Proto/README.md), so that there is room for how the call ended.
  public static let replyByteCountMax = 8 << 10

  /// What the entries count as header fields: their bytes and 32 more for each, RFC 9113 section 6.5.2.
  public var headerByteCount: Int {
    entries.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 }
  }

  /// Why an entry cannot travel; nil if all can. Names are `[a-z0-9_.-]`, values visible ASCII, with
  /// spaces between, and the names that the protocols use themselves are not for metadata.
  public var fault: String? {
    for entry in entries {
      let isName = entry.name.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
          true
        default: false
        }
      }
      guard isName, !entry.name.isEmpty else {
        return "`\(entry.name)` is no metadata name: use a-z, 0-9, `_`, `.` and `-`"
      }
      if Self.isReserved(entry.name) {
        return "the metadata name `\(entry.name)` belongs to the protocol: choose another"
      }
      guard entry.value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
        return "the value of `\(entry.name)` is not printable ASCII: encode it as base64 under a"
          + " name that ends in `-bin`"
      }
      guard !entry.value.hasPrefix(" "), !entry.value.hasSuffix(" ") else {
        return "the value of `\(entry.name)` begins or ends with a space, which gets lost: trim it"
      }
    }
    return nil
  }

  /// Whether the protocols use the header field of that name themselves.
  public static func isReserved(_ name: String) -> Bool {
    if name.hasPrefix("grpc-") || name.hasPrefix("sarai-") || name.hasPrefix("content-")
      || name.hasPrefix("trailer-") || name.hasPrefix(":")
    {
      return true
    }
    switch name {
    case "te", "accept", "accept-encoding", "user-agent", "host", "date", "server", "expect",
      "connection", "keep-alive", "proxy-connection", "transfer-encoding", "trailer", "upgrade":
      return true
    default: return false
    }
  }
}
