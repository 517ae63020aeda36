/// A map field: a dictionary whose text keys differ when their bytes do.
///
/// Swift's strings are equal when they look the same: "é" as one scalar equals "e" with an accent.
/// On the wire these are two keys, and a `Dictionary` would lose one of them.
///
/// Its elements come in the order of the native encoding: numbers by value, false before true, text
/// by its bytes. Iterating sorts them; looking one up does not.
public struct FieldMap<Key: FieldMapKey, Value> {
  @usableFromInline var entries: [Key.Exact: Value] = [:]

  /// A map without entries.
  @inlinable
  public init() {}

  /// The entries of a dictionary.
  @inlinable
  public init(_ dictionary: [Key: Value]) {
    for (key, value) in dictionary { entries[Key.Exact(key)] = value }
  }

  /// How many entries there are.
  @inlinable public var count: Int { entries.count }

  /// Whether there are none.
  @inlinable public var isEmpty: Bool { entries.isEmpty }

  /// The keys in order.
  @inlinable public var keys: [Key] { entries.keys.sorted().map(\.key) }

  /// The value of a key; nil removes it.
  @inlinable
  public subscript(key: Key) -> Value? {
    get { entries[Key.Exact(key)] }
    set { entries[Key.Exact(key)] = newValue }
  }

  /// The value of a key, or another in its place.
  @inlinable
  public subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
    get { entries[Key.Exact(key), default: value()] }
    set { entries[Key.Exact(key)] = newValue }
  }
}

extension FieldMap: Sendable where Value: Sendable {}
extension FieldMap: Equatable where Value: Equatable {}
extension FieldMap: Hashable where Value: Hashable {}

extension FieldMap: ExpressibleByDictionaryLiteral {
  /// The entries of a literal; of several with one key the last stays.
  @inlinable
  public init(dictionaryLiteral elements: (Key, Value)...) {
    for (key, value) in elements { entries[Key.Exact(key)] = value }
  }
}

extension FieldMap: Sequence {
  /// The entries in order.
  @inlinable
  public func makeIterator() -> IndexingIterator<[(key: Key, value: Value)]> {
    entries.sorted { $0.key < $1.key }.map { (key: $0.key.key, value: $0.value) }.makeIterator()
  }
}

/// What can be a map's key: integers, bools and text.
public protocol FieldMapKey: Hashable, Sendable {
  /// The key as the encodings compare it.
  associatedtype Exact: ExactKey where Exact.Key == Self
}

/// A key in the order and equality of the native encoding.
public protocol ExactKey: Hashable, Comparable, Sendable {
  /// The key as users see it.
  associatedtype Key
  /// The key as the encodings compare it.
  init(_ key: Key)
  /// The key as users see it.
  var key: Key { get }
}

/// A number: its own order is the encoding's.
public struct ExactNumber<Key: FixedWidthInteger & Sendable>: ExactKey {
  /// The number.
  public let key: Key

  /// A number.
  @inlinable
  public init(_ key: Key) { self.key = key }

  /// By value.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.key < right.key }
}

/// A bool: false before true.
public struct ExactBool: ExactKey {
  /// The bool.
  public let key: Bool

  /// A bool.
  @inlinable
  public init(_ key: Bool) { self.key = key }

  /// False before true.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { !left.key && right.key }
}

/// A text by its UTF-8 bytes.
public struct ExactText: ExactKey {
  /// The text.
  public let key: String

  /// A text.
  @inlinable
  public init(_ key: String) { self.key = key }

  /// Equal when all bytes are.
  @inlinable
  public static func == (left: Self, right: Self) -> Bool {
    left.key.utf8.elementsEqual(right.key.utf8)
  }

  /// By bytes; a prefix comes first.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool {
    left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
  }

  /// Hashes the bytes.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    for byte in key.utf8 { hasher.combine(byte) }
    hasher.combine(0xFF as UInt8)
  }
}

extension Int32: FieldMapKey {
  /// By value.
  public typealias Exact = ExactNumber<Int32>
}
extension Int64: FieldMapKey {
  /// By value.
  public typealias Exact = ExactNumber<Int64>
}
extension UInt32: FieldMapKey {
  /// By value.
  public typealias Exact = ExactNumber<UInt32>
}
extension UInt64: FieldMapKey {
  /// By value.
  public typealias Exact = ExactNumber<UInt64>
}
extension Bool: FieldMapKey {
  /// False before true.
  public typealias Exact = ExactBool
}
extension String: FieldMapKey {
  /// By its bytes.
  public typealias Exact = ExactText
}
