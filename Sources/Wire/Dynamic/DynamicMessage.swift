/// A message whose type is known at run time only: made by a layout, read and written as bytes.
///
/// It never changes after it was read, so copies share it.
public struct DynamicMessage: Sendable {
  let storage: DynamicStorage

  /// What describes it.
  public var layout: MessageLayout { storage.layout }

  /// An empty message.
  public init(_ layout: MessageLayout) {
    storage = DynamicStorage(layout)
  }

  /// Reads one message, which the bytes must hold exactly.
  ///
  /// - Throws: the first fault, with its place.
  public init(
    _ layout: MessageLayout, decoding bytes: [UInt8], as encoding: Encoding,
    options: CodingOptions = .default
  ) throws(WireError) {
    self.init(layout)
    let memory = unsafe storage.memory
    try unsafe bytes.span.withUnsafeBytes { (raw) throws(WireError) in
      try unsafe layout.decode(raw, as: encoding, options: options, into: memory)
    }
  }

  /// The message's bytes.
  ///
  /// - Throws: as `Message.encoded`.
  public func encoded(
    as encoding: Encoding, options: CodingOptions = .default
  ) throws(WireError) -> [UInt8] {
    try unsafe layout.encode(UnsafeRawPointer(storage.memory), as: encoding, options: options)
  }
}

/// The memory of a dynamic message.
@safe
final class DynamicStorage: @unchecked Sendable {
  // Sendable without the compiler's proof: only the decoder that makes it writes to it, before
  // anyone else sees it.

  let layout: MessageLayout
  let memory: UnsafeMutableRawPointer
  /// Keeps the layouts of the fields' messages alive.
  private let owner: DynamicLayouts?

  init(_ layout: MessageLayout) {
    self.layout = layout
    owner = layout.owner
    unsafe memory = unsafe .allocate(
      byteCount: layout.table.pointee.byteCount, alignment: layout.table.pointee.alignment)
    unsafe layout.initialize(memory)
  }

  deinit {
    unsafe layout.deinitialize(memory)
    unsafe memory.deallocate()
  }
}

extension MessageAccess {
  /// The access to a message that is described at run time, which stands behind a reference.
  static func dynamic(_ layout: @escaping @Sendable () -> MessageLayout) -> MessageAccess {
    typealias Slot = DynamicMessage?
    return unsafe MessageAccess(
      slot: MessageAccess.Slot(
        isInline: false,
        isPresent: { unsafe $0.assumingMemoryBound(to: Slot.self).pointee != nil },
        makePresent: {
          unsafe $0.assumingMemoryBound(to: Slot.self).pointee = DynamicMessage(layout())
        },
        clear: { unsafe $0.assumingMemoryBound(to: Slot.self).pointee = nil },
        read: { (slot, body) throws(WireFault) in
          guard let message = unsafe slot.assumingMemoryBound(to: Slot.self).pointee else { return }
          try unsafe body(UnsafeRawPointer(message.storage.memory))
        },
        write: { (slot, body) throws(WireFault) in
          guard let message = unsafe slot.assumingMemoryBound(to: Slot.self).pointee else { return }
          try unsafe body(message.storage.memory)
        }),
      elements: unsafe Elements(
        stride: MemoryLayout<DynamicMessage>.stride,
        message: { unsafe $0.assumingMemoryBound(to: DynamicMessage.self).pointee.storage.memory },
        sharedMessage: {
          unsafe UnsafeRawPointer(
            $0.assumingMemoryBound(to: DynamicMessage.self).pointee.storage.memory)
        },
        append: { (list, count, body) throws(WireFault) in
          let list = unsafe list.assumingMemoryBound(to: [DynamicMessage].self)
          let first = unsafe list.pointee.count
          for _ in 0..<count { unsafe list.pointee.append(DynamicMessage(layout())) }
          try unsafe list.pointee.withUnsafeMutableBufferPointer { (elements) throws(WireFault) in
            guard let base = elements.baseAddress else { return }
            try unsafe body(UnsafeMutableRawPointer(base + first))
          }
        },
        read: { (list, body) throws(WireFault) in
          let list = unsafe list.assumingMemoryBound(to: [DynamicMessage].self)
          try unsafe list.pointee.withUnsafeBufferPointer { (elements) throws(WireFault) in
            guard let base = elements.baseAddress else { return }
            try unsafe body(UnsafeRawPointer(base), elements.count)
          }
        }),
      layout: layout)
  }
}
