import CNghttp2

extension HeaderList {
  /// Calls `body` with the fields as nghttp2 takes them; it copies them.
  func withNameValues<Result>(
    _ body: (UnsafePointer<nghttp2_nv>, Int) -> Result
  ) -> Result {
    unsafe withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: fields.count + 1) { list in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        // nghttp2 only reads through these pointers, mutable as they are in its structure.
        let base = unsafe UnsafeMutablePointer(mutating: bytes.baseAddress ?? emptyBytes)
        for (index, field) in fields.enumerated() {
          let name = unsafe base + Int(field.start)
          let pair = unsafe nghttp2_nv(
            name: name, value: name + Int(field.nameCount), namelen: Int(field.nameCount),
            valuelen: Int(field.valueCount),
            flags: UInt8(
              field.isSensitive ? NGHTTP2_NV_FLAG_NO_INDEX.rawValue : NGHTTP2_NV_FLAG_NONE.rawValue)
          )
          unsafe (list.baseAddress.unsafelyUnwrapped + index).initialize(to: pair)
        }
        return unsafe body(UnsafePointer(list.baseAddress.unsafelyUnwrapped), fields.count)
      }
    }
  }

  private var emptyBytes: UnsafePointer<UInt8> {
    let text: StaticString = ""
    return unsafe text.utf8Start
  }
}
