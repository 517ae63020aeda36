import CNghttp2
import Glibc

/// Memory for the sessions of one loop: what nghttp2 gives back when a stream ends waits here for
/// the next one.
///
/// A stream takes eight pieces and gives them back. While many are open the C library's own lists
/// of pieces are too short and it falls back on slower ways, which took 5 % of a call.
@safe public final class SessionMemory {
  private let pieces: UnsafeMutablePointer<FreePieces>

  /// Memory that holds nothing yet.
  public init() {
    unsafe pieces = .allocate(capacity: 1)
    unsafe pieces.initialize(to: FreePieces())
  }

  deinit {
    unsafe pieces.deinitialize(count: 1)
    unsafe pieces.deallocate()
  }

  /// How nghttp2 asks for memory; the session must not outlive this object.
  var callbacks: nghttp2_mem {
    unsafe nghttp2_mem(
      mem_user_data: pieces,
      malloc: { size, pieces in unsafe freePieces(pieces).pointee.take(size) },
      free: { piece, pieces in unsafe freePieces(pieces).pointee.giveBack(piece) },
      calloc: { count, size, pieces in
        // nghttp2 multiplies sizes of its own, far from any overflow.
        guard let piece = unsafe freePieces(pieces).pointee.take(count * size) else { return nil }
        return unsafe memset(piece, 0, count * size)
      },
      realloc: { piece, size, _ in unsafe Glibc.realloc(piece, size) })
  }
}

/// The pieces that nobody uses, in lists by size. At a fixed address, so that a callback costs no
/// reference counting.
@safe private struct FreePieces: ~Copyable {
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

/// The pieces that a callback is for. A function of the file, since what C calls cannot refer to a
/// type's own functions.
@inline(__always)
private func freePieces(_ data: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<FreePieces> {
  // Every session is made with the address of its memory, which it keeps alive.
  unsafe data.unsafelyUnwrapped.assumingMemoryBound(to: FreePieces.self)
}
