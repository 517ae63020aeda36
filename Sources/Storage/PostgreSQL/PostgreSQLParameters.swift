/// Values as libpq takes them: numbers and texts in the text format, for the server to give them
/// the type that the statement asks for, bytes and the columns of a set of rows as they are.
struct PostgreSQLParameters {
  private var content: [CChar] = []
  private var offsets: [Int?] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []

  var count: Int { offsets.count }

  init(_ values: [SQLValue], _ rows: SQLRows?) throws(StorageError) {
    for value in values {
      switch value {
      case .null:
        offsets.append(nil)
        lengths.append(0)
        formats.append(0)
      case .integer(let number): add("\(number)".utf8, format: 0)
      case .text(let text):
        guard !text.utf8.contains(0) else { throw .zeroInText }
        add(text.utf8, format: 0)
      case .bytes(let bytes): add(bytes, format: 1)
      }
    }
    if let rows {
      for column in rows.columns.indices { add(try PostgreSQLRows.array(rows, column), format: 1) }
    }
  }

  private mutating func add(_ bytes: some Collection<UInt8>, format: Int32) {
    offsets.append(content.count)
    lengths.append(Int32(bytes.count))
    formats.append(format)
    content.append(contentsOf: bytes.lazy.map { CChar(bitPattern: $0) })
    content.append(0)
  }

  func withPointers<Result>(
    _ body: (
      UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> Result
  ) -> Result {
    unsafe content.withUnsafeBufferPointer { content in
      let pointers = unsafe offsets.map { offset in
        unsafe offset.flatMap { unsafe content.baseAddress?.advanced(by: $0) }
      }
      return unsafe pointers.withUnsafeBufferPointer { pointers in
        unsafe lengths.withUnsafeBufferPointer { lengths in
          unsafe formats.withUnsafeBufferPointer { formats in
            unsafe body(pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
          }
        }
      }
    }
  }
}
