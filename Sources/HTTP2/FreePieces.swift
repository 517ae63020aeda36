import CNghttp2
import Glibc

/// The pieces that nobody uses, in lists by size. At a fixed address, so that a callback costs no
/// reference counting.
@safe struct FreePieces: ~Copyable {
  /// Pieces of at least so many times 16 bytes, linked through their first bytes.
  private var lists = unsafe InlineArray<33, UnsafeMutableRawPointer?>(repeating: nil)
  private var byteCount = 0

  /// What three connections with 100 streams each take.
  private static var byteCountMax: Int { 512 * 1024 }

  deinit {
    for list in unsafe lists.indices {
      var next = unsafe lists[list]
      while let piece = unsafe next {
        unsafe next = piece.load(as: UnsafeMutableRawPointer?.self)
        unsafe free(piece)
      }
    }
  }

  mutating func take(_ size: Int) -> UnsafeMutableRawPointer? {
    let list = (size + 15) / 16
    // Larger pieces belong to a connection, not to a stream.
    guard unsafe list < lists.count else { return unsafe malloc(size) }
    guard let piece = unsafe lists[list] else {
      // Eight bytes more are free: the C library's pieces are 8 bytes short of a multiple of 16.
      return unsafe malloc(list * 16 + 8)
    }
    unsafe lists[list] = unsafe piece.load(as: UnsafeMutableRawPointer?.self)
    byteCount -= list * 16
    return unsafe piece
  }

  mutating func giveBack(_ piece: UnsafeMutableRawPointer?) {
    guard let piece = unsafe piece else { return }
    let list = unsafe malloc_usable_size(piece) / 16
    guard unsafe list < lists.count, byteCount < Self.byteCountMax else {
      return unsafe free(piece)
    }
    unsafe piece.storeBytes(of: lists[list], as: UnsafeMutableRawPointer?.self)
    unsafe lists[list] = unsafe piece
    byteCount += list * 16
  }
}
