/// What travels with a call beside its messages: names in lower case, each with any number of values.
public struct Metadata: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  /// The entries in the order that they were added.
  public private(set) var entries: [Entry] = []

  /// One name with one value.
  public struct Entry: Sendable, Hashable {
    /// In lower case.
    public let name: String
    /// The value.
    public let value: String
  }

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

  /// The first value under a name, whatever its case.
  public subscript(name: String) -> String? {
    let name = name.lowercased()
    return entries.first { $0.name == name }?.value
  }
}
