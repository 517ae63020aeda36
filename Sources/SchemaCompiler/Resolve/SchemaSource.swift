/// Where the compiler gets the text of schema files from; it does no I/O of its own.
public protocol SchemaSource {
  /// The bytes of the file that imports name `path`, or nil if there is none.
  func text(at path: String) -> [UInt8]?
}

/// Schema files held in memory, by path.
public struct SchemaTexts: SchemaSource {
  private let texts: [String: [UInt8]]

  /// Files by the path that imports name them by.
  public init(_ texts: [String: String]) {
    self.texts = texts.mapValues { Array($0.utf8) }
  }

  /// Files by path, of bytes that may be anything.
  public init(bytes texts: [String: [UInt8]]) {
    self.texts = texts
  }

  /// The bytes of one of the files.
  public func text(at path: String) -> [UInt8]? { texts[path] }
}
