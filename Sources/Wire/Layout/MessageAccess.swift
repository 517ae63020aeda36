import Synchronization

/// What the engine does with a message whose Swift type it does not know: a few functions, made
/// where the type is known so that the compiler specialises them.
@usableFromInline
final class MessageAccess: Sendable {
  @usableFromInline typealias Reading = (UnsafeRawPointer) throws(WireFault) -> Void
  @usableFromInline typealias Writing = (UnsafeMutableRawPointer) throws(WireFault) -> Void

  /// How an optional field stores its message.
  @safe
  @usableFromInline
  struct Slot: Sendable {
    /// Whether a present message begins at the slot's own address, as in `Optional<T>`.
    let isInline: Bool
    let isPresent: @Sendable (UnsafeRawPointer) -> Bool
    /// Stores an empty message where nothing is.
    let makePresent: @Sendable (UnsafeMutableRawPointer) -> Void
    /// Stores nothing.
    let clear: @Sendable (UnsafeMutableRawPointer) -> Void
    /// Lends the message for reading; it must be present.
    let read: @Sendable (UnsafeRawPointer, Reading) throws(WireFault) -> Void
    /// Lends the message for writing; it must be present.
    let write: @Sendable (UnsafeMutableRawPointer, Writing) throws(WireFault) -> Void

    @usableFromInline
    init(
      isInline: Bool,
      isPresent: @escaping @Sendable (UnsafeRawPointer) -> Bool,
      makePresent: @escaping @Sendable (UnsafeMutableRawPointer) -> Void,
      clear: @escaping @Sendable (UnsafeMutableRawPointer) -> Void,
      read: @escaping @Sendable (UnsafeRawPointer, Reading) throws(WireFault) -> Void,
      write: @escaping @Sendable (UnsafeMutableRawPointer, Writing) throws(WireFault) -> Void
    ) {
      self.isInline = isInline
      unsafe self.isPresent = unsafe isPresent
      unsafe self.makePresent = unsafe makePresent
      unsafe self.clear = unsafe clear
      unsafe self.read = unsafe read
      unsafe self.write = unsafe write
    }
  }

  /// How elements (of lists and maps, and oneof payloads) store their messages.
  @safe
  @usableFromInline
  struct Elements: Sendable {
    /// Bytes from one element to the next.
    let stride: Int
    /// The message that an element's memory holds, alone in holding it; nil when it is that
    /// memory itself.
    private let message: (@Sendable (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer)?
    /// The same for reading, whoever else holds the message.
    private let sharedMessage: (@Sendable (UnsafeRawPointer) -> UnsafeRawPointer)?
    /// Appends empty messages and lends them for writing, by the first one's address.
    let append:
      @Sendable (_ list: UnsafeMutableRawPointer, _ count: Int, Writing) throws(WireFault) -> Void
    /// Lends a list's elements: the first one's address and how many there are.
    let read:
      @Sendable (
        _ list: UnsafeRawPointer, (UnsafeRawPointer, Int) throws(WireFault) -> Void
      ) throws(WireFault) -> Void

    @usableFromInline
    init(
      stride: Int,
      message: (@Sendable (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer)?,
      sharedMessage: (@Sendable (UnsafeRawPointer) -> UnsafeRawPointer)?,
      append:
        @escaping @Sendable (UnsafeMutableRawPointer, Int, Writing) throws(WireFault) -> Void,
      read:
        @escaping @Sendable (
          UnsafeRawPointer, (UnsafeRawPointer, Int) throws(WireFault) -> Void
        ) throws(WireFault) -> Void
    ) {
      self.stride = stride
      unsafe self.message = unsafe message
      unsafe self.sharedMessage = unsafe sharedMessage
      unsafe self.append = unsafe append
      unsafe self.read = unsafe read
    }

    /// The message that an element's memory holds.
    @inline(__always)
    func readable(_ element: UnsafeRawPointer) -> UnsafeRawPointer {
      unsafe sharedMessage?(element) ?? element
    }

    /// The message that an element's memory holds, alone in holding it.
    @inline(__always)
    func writable(_ element: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
      unsafe message?(element) ?? element
    }
  }

  let slot: Slot
  let elements: Elements
  private let makeLayout: @Sendable () -> MessageLayout
  /// The address of the table; 0 before it was asked for.
  private let cachedTable = Atomic<UInt>(0)

  @usableFromInline
  init(slot: Slot, elements: Elements, layout: @escaping @Sendable () -> MessageLayout) {
    self.slot = slot
    self.elements = elements
    makeLayout = layout
  }

  /// The message's own layout, found at first use: schemas may be circular, and a `static let` that
  /// waits for another that waits for it would never end. Two threads may both find it; they find
  /// the same one.
  var table: UnsafePointer<LayoutTable> {
    if let table = unsafe UnsafePointer<LayoutTable>(
      bitPattern: cachedTable.load(ordering: .acquiring))
    {
      return unsafe table
    }
    let table = unsafe makeLayout().table
    cachedTable.store(UInt(bitPattern: table), ordering: .releasing)
    return unsafe table
  }
}

extension MessageAccess {
  /// The access to a generated message, stored inline: `T?`, `[T]`.
  @inlinable
  static func inline<T: Message>(_ type: T.Type) -> MessageAccess {
    unsafe MessageAccess(
      slot: Slot(
        isInline: true,
        isPresent: { unsafe Wire.isPresent(T.self, $0) },
        makePresent: { unsafe $0.initializeMemory(as: T?.self, to: .some(T())) },
        clear: { unsafe $0.assumingMemoryBound(to: T?.self).pointee = nil },
        read: { (slot, body) throws(WireFault) in try unsafe body(slot) },
        write: { (slot, body) throws(WireFault) in try unsafe body(slot) }),
      elements: .typed(type),
      layout: { T.layout })
  }

  /// The access to a generated message that contains itself, stored in a box: `Indirect<T>`.
  @inlinable
  static func indirect<T: Message>(_ type: T.Type) -> MessageAccess {
    unsafe MessageAccess(
      slot: Slot(
        isInline: false,
        isPresent: { unsafe $0.assumingMemoryBound(to: Indirect<T>.self).pointee.value != nil },
        makePresent: {
          unsafe $0.assumingMemoryBound(to: Indirect<T>.self).pointee = Indirect(T())
        },
        clear: { unsafe $0.assumingMemoryBound(to: Indirect<T>.self).pointee = Indirect(nil) },
        read: { (slot, body) throws(WireFault) in
          guard let value = unsafe slot.assumingMemoryBound(to: Indirect<T>.self).pointee.value
          else {
            return
          }
          try unsafe withUnsafePointer(to: value) { (address) throws(WireFault) in
            try unsafe body(UnsafeRawPointer(address))
          }
        },
        write: { (slot, body) throws(WireFault) in
          let box = unsafe slot.assumingMemoryBound(to: Indirect<T>.self)
          var value = unsafe box.pointee.value ?? T()
          // Leaves `value` the only owner, so that merging copies nothing.
          unsafe box.pointee = Indirect(nil)
          try unsafe withUnsafeMutablePointer(to: &value) { (address) throws(WireFault) in
            try unsafe body(UnsafeMutableRawPointer(address))
          }
          unsafe box.pointee = Indirect(value)
        }),
      elements: .typed(type),
      layout: { T.layout })
  }
}

extension MessageAccess.Elements {
  @inlinable
  static func typed<T: Message>(_ type: T.Type) -> Self {
    unsafe Self(
      stride: MemoryLayout<T>.stride,
      message: nil,
      sharedMessage: nil,
      append: { (list, count, body) throws(WireFault) in
        let array = unsafe list.assumingMemoryBound(to: [T].self)
        let first = unsafe array.pointee.count
        // Only once: reserving again and again for short runs would copy the list each time.
        if first == 0 { unsafe array.pointee.reserveCapacity(count) }
        for _ in 0..<count { unsafe array.pointee.append(T()) }
        try unsafe array.pointee.withUnsafeMutableBufferPointer { (elements) throws(WireFault) in
          guard let base = elements.baseAddress else { return }
          try unsafe body(UnsafeMutableRawPointer(base + first))
        }
      },
      read: { (list, body) throws(WireFault) in
        try unsafe list.assumingMemoryBound(to: [T].self).pointee.span.withUnsafeBufferPointer {
          (elements) throws(WireFault) in
          guard let base = elements.baseAddress else { return }
          try unsafe body(UnsafeRawPointer(base), elements.count)
        }
      })
  }
}

/// A message inside a message of its own type: a box, where a struct cannot hold itself.
public struct Indirect<Value: Sendable & Hashable>: Sendable, Hashable {
  @usableFromInline
  indirect enum Box: Sendable, Hashable {
    case empty
    case full(Value)
  }

  @usableFromInline var box: Box

  /// A box, or an empty one.
  @inlinable
  public init(_ value: Value? = nil) {
    box = if let value { .full(value) } else { .empty }
  }

  /// What is in the box.
  @inlinable public var value: Value? {
    if case .full(let value) = box { value } else { nil }
  }
}

/// Whether an `Optional<T>` holds something, without copying it.
@inlinable
@inline(__always)
func isPresent<T>(_ type: T.Type, _ slot: UnsafeRawPointer) -> Bool {
  switch unsafe slot.assumingMemoryBound(to: T?.self).pointee {
  case .none: false
  case .some: true
  }
}
