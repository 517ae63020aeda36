/// Memory of a fixed size for system calls to fill.
@safe
struct IOBuffer: ~Copyable {
  let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int) {
    unsafe bytes = .allocate(byteCount: byteCount, alignment: 16)
  }

  deinit { unsafe bytes.deallocate() }
}
