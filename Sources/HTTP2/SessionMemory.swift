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

/// The pieces that a callback is for. A function of the file, since what C calls cannot refer to a
/// type's own functions.
@inline(__always)
private func freePieces(_ data: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<FreePieces> {
  // Every session is made with the address of its memory, which it keeps alive.
  unsafe data.unsafelyUnwrapped.assumingMemoryBound(to: FreePieces.self)
}
