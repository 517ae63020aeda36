/// The one description of a message that its codecs share: fields, their kinds, where they are.
///
/// Generated layouts are `static let`s and live as long as the process; those made at run time
/// belong to their `DynamicLayouts`.
@safe
public final class MessageLayout: @unchecked Sendable {
  // Sendable without the compiler's proof: the table is written in `init` and never after.

  /// The message's full name, such as `sarai.catalog.v1.Product`.
  public let name: String

  let table: UnsafePointer<LayoutTable>
  let wellKnown: WellKnownMessage?

  /// Whose layout this is, if it was made at run time: asking fails when that is gone.
  unowned let owner: DynamicLayouts?

  /// The entry's position by JSON name and by `.proto` name.
  let indexByName: [String: Int]

  /// How to make and end a message in memory of `table.pointee.byteCount` bytes.
  let initialize: @Sendable (UnsafeMutableRawPointer) -> Void
  let deinitialize: @Sendable (UnsafeMutableRawPointer) -> Void

  @usableFromInline
  init(
    name: String, fields: [FieldEntry], unknownFieldsOffset: Int, byteCount: Int, alignment: Int,
    owner: DynamicLayouts?, initialize: @escaping @Sendable (UnsafeMutableRawPointer) -> Void,
    deinitialize: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
  ) {
    self.name = name
    self.owner = owner
    unsafe self.initialize = unsafe initialize
    unsafe self.deinitialize = unsafe deinitialize
    wellKnown = WellKnownMessage(name, fields)
    // A field's JSON name may be another's name in the `.proto` file: what was written comes first.
    var indices: [String: Int] = [:]
    for field in fields { unsafe indices[field.info.takeUnretainedValue().jsonName] = field.index }
    for field in fields {
      let name = unsafe field.info.takeUnretainedValue().name
      if indices[name] == nil { indices[name] = field.index }
    }
    indexByName = indices
    let table = UnsafeMutablePointer<LayoutTable>.allocate(capacity: 1)
    unsafe self.table = unsafe UnsafePointer(table)
    unsafe table.initialize(
      to: LayoutTable(
        fields: fields, unknownFieldsOffset: unknownFieldsOffset, byteCount: byteCount,
        alignment: alignment, layout: Unmanaged.passUnretained(self)))
  }

  deinit {
    unsafe table.pointee.deallocate()
    unsafe table.deallocate()
  }

  /// Describes a generated message.
  ///
  /// - Parameters:
  ///   - name: the full name in the schema.
  ///   - unknownFields: where the message keeps what it does not know.
  ///   - describe: names every field once, in any order.
  @inlinable
  public convenience init<M: Message>(
    _ type: M.Type, _ name: String, unknown unknownFields: WritableKeyPath<M, UnknownFields>,
    _ describe: (inout FieldsBuilder<M>) -> Void
  ) {
    var builder = FieldsBuilder<M>()
    describe(&builder)
    unsafe self.init(
      name: name, fields: builder.list.sorted(),
      unknownFieldsOffset: builder.offset(of: unknownFields),
      byteCount: MemoryLayout<M>.stride, alignment: MemoryLayout<M>.alignment, owner: nil,
      initialize: { unsafe $0.initializeMemory(as: M.self, repeating: M(), count: 1) },
      deinitialize: { unsafe $0.assumingMemoryBound(to: M.self).deinitialize(count: 1) })
  }
}

/// What the engine reads of a layout: plain bits behind one pointer.
@safe
@usableFromInline
struct LayoutTable {
  /// The fields in order of their numbers.
  let fields: UnsafeBufferPointer<FieldEntry>
  /// The position in `fields` of each field number from 1 to 63; 255 where there is none.
  let positions: UnsafePointer<UInt8>
  /// The presence bits of the fields: bit n-1 for field n.
  let knownPresence: UInt64
  /// Whether all field numbers fit the native encoding.
  let isNative: Bool
  /// The most bytes that the message's numbers, short texts and short bytes without presence take,
  /// tags and all, with a varint more for native's presence.
  let plainBytesMax: Int
  let unknownFieldsOffset: Int
  let byteCount: Int
  let alignment: Int
  let layout: Unmanaged<MessageLayout>

  /// Field numbers above this one have no presence bit.
  static let nativeNumberMax: UInt32 = 63

  init(
    fields: [FieldEntry], unknownFieldsOffset: Int, byteCount: Int, alignment: Int,
    layout: Unmanaged<MessageLayout>
  ) {
    let entries = UnsafeMutableBufferPointer<FieldEntry>.allocate(capacity: fields.count)
    _ = unsafe entries.initialize(from: fields)
    let positions = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
    unsafe positions.initialize(repeating: 255, count: 64)
    var presence: UInt64 = 0
    var isNative = true
    for field in fields {
      if field.number <= Self.nativeNumberMax {
        presence |= 1 << UInt64(field.number - 1)
        unsafe positions[Int(field.number)] = UInt8(field.index)
      } else {
        isNative = false
      }
    }
    unsafe self.fields = UnsafeBufferPointer(entries)
    unsafe self.positions = unsafe UnsafePointer(positions)
    knownPresence = presence
    self.isNative = isNative
    // A tag has 5 bytes at most.
    let plainCount = fields.count { $0.form.isPlain }
    plainBytesMax =
      plainCount * (ReverseCursor.shortRoom + 5) + ReverseCursor.varintBytesMax
    self.unknownFieldsOffset = unknownFieldsOffset
    self.byteCount = byteCount
    self.alignment = alignment
    unsafe self.layout = unsafe layout
  }

  /// Gives back what the fields point at, and the table's own memory.
  func deallocate() {
    for index in unsafe fields.indices { unsafe fields[index].release() }
    unsafe fields.deallocate()
    unsafe positions.deallocate()
  }

  /// The field of a number.
  @inline(__always)
  func field(numbered number: UInt32) -> UnsafePointer<FieldEntry>? {
    if number <= Self.nativeNumberMax {
      let position = unsafe Int(positions[Int(number)])
      return unsafe position == 255 ? nil : fields.baseAddress.map { unsafe $0 + position }
    }
    return unsafe fieldAbove63(numbered: number)
  }

  private func fieldAbove63(numbered number: UInt32) -> UnsafePointer<FieldEntry>? {
    guard let base = unsafe fields.baseAddress else { return nil }
    var (low, high) = unsafe (0, fields.count)
    while low < high {
      let middle = (low + high) / 2
      if unsafe fields[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return unsafe low < fields.count && fields[low].number == number ? base + low : nil
  }
}
