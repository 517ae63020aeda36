/// The names and numbers of an enum, aliases included.
public final class EnumLayout: Sendable {
  /// The full name, such as `sarai.catalog.v1.ListingState`.
  public let name: String

  private let names: [Int32: String]
  private let numbers: [String: Int32]

  /// Describes an enum; of several names for one number, JSON writes the first.
  public init(_ name: String, _ values: [(name: String, number: Int32)]) {
    self.name = name
    names = Dictionary(values.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
    numbers = Dictionary(
      values.map { ($0.name, $0.number) }, uniquingKeysWith: { first, _ in first })
  }

  /// The name of a number; nil when the schema has none.
  public func name(of number: Int32) -> String? { names[number] }

  /// The number that a name stands for.
  public func number(named name: String) -> Int32? { numbers[name] }

  /// Whether JSON writes it as `null`: the one value of `google.protobuf.NullValue`.
  var isNull: Bool { name == "google.protobuf.NullValue" }
}

/// What the engine does with an enum whose Swift type it does not know.
@safe
@usableFromInline
final class EnumAccess: Sendable {
  let layout: EnumLayout

  /// Appends to the list at an address.
  let append: @Sendable (_ list: UnsafeMutableRawPointer, Int32) -> Void

  /// Lends the numbers of the list at an address.
  let read:
    @Sendable (
      _ list: UnsafeRawPointer,
      _ body: (UnsafeBufferPointer<Int32>) throws(WireFault) -> Void
    ) throws(WireFault) -> Void

  @usableFromInline
  init(
    layout: EnumLayout,
    append: @escaping @Sendable (UnsafeMutableRawPointer, Int32) -> Void,
    read:
      @escaping @Sendable (
        UnsafeRawPointer, (UnsafeBufferPointer<Int32>) throws(WireFault) -> Void
      ) throws(WireFault) -> Void
  ) {
    self.layout = layout
    unsafe self.append = unsafe append
    unsafe self.read = unsafe read
  }
}

extension EnumAccess {
  /// The access to lists of a generated enum, which is a struct of one `Int32`.
  @inlinable
  static func typed<E: WireEnum>(_ type: E.Type) -> EnumAccess {
    precondition(MemoryLayout<E>.size == 4, "a WireEnum stores its number and nothing else")
    return unsafe EnumAccess(
      layout: E.layout,
      append: { list, number in
        unsafe list.assumingMemoryBound(to: [E].self).pointee.append(E(rawValue: number))
      },
      read: { (list, body) throws(WireFault) in
        try unsafe list.assumingMemoryBound(to: [E].self).pointee.withUnsafeBufferPointer {
          (elements) throws(WireFault) in
          let numbers = unsafe UnsafeRawBufferPointer(elements).assumingMemoryBound(to: Int32.self)
          try unsafe body(numbers)
        }
      })
  }

  /// The access to an enum that is known at run time only, stored as bare numbers.
  static func dynamic(_ layout: EnumLayout) -> EnumAccess {
    unsafe EnumAccess(
      layout: layout,
      append: { list, number in
        unsafe list.assumingMemoryBound(to: [Int32].self).pointee.append(number)
      },
      read: { (list, body) throws(WireFault) in
        try unsafe list.assumingMemoryBound(to: [Int32].self).pointee.withUnsafeBufferPointer(body)
      })
  }
}
