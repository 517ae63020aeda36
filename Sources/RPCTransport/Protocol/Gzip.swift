import CZlib
import RPC

/// gzip (RFC 1952) of whole messages.
enum Gzip {
  /// Below this many bytes compressing saves less than it costs.
  static let worthwhileBytesMin = 1024

  /// Compresses fast rather than small: calls wait for it.
  static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var stream = unsafe z_stream()
    let status = unsafe sarai_gzip_init(&stream, Z_BEST_SPEED)
    precondition(status == Z_OK, "the system has no memory for compression")
    defer { unsafe deflateEnd(&stream) }
    let bound = unsafe Int(deflateBound(&stream, UInt(bytes.count)))
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      unsafe bytes.withUnsafeBufferPointer { input in
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(output.count)
        unsafe deflate(&stream, Z_FINISH)
      }
      count = unsafe Int(stream.total_out)
    }
  }

  /// - Throws: `internal` for what is not gzip, `resourceExhausted` for what would become larger
  ///   than `byteCountMax`; no more than that is ever held.
  static func decompress(
    _ bytes: Span<UInt8>, byteCountMax: Int
  ) throws(RPCError) -> [UInt8] {
    var stream = unsafe z_stream()
    guard unsafe sarai_gunzip_init(&stream) == Z_OK else {
      preconditionFailure("the system has no memory for decompression")
    }
    defer { unsafe inflateEnd(&stream) }
    var output: [UInt8] = []
    var status = Z_OK
    unsafe bytes.withUnsafeBufferPointer { input in
      unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      unsafe stream.avail_in = UInt32(input.count)
      while status == Z_OK, output.count <= byteCountMax {
        let room = min(max(input.count * 4, 4096), byteCountMax - output.count + 1, 1 << 20)
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
          unsafe stream.next_out = buffer.baseAddress
          unsafe stream.avail_out = UInt32(buffer.count)
          status = unsafe inflate(&stream, Z_NO_FLUSH)
          count = unsafe buffer.count - Int(stream.avail_out)
        }
        output += chunk
        if chunk.isEmpty { break }
      }
    }
    if output.count > byteCountMax {
      throw RPCError(
        .resourceExhausted, "a message of more than \(byteCountMax) bytes once decompressed")
    }
    guard status == Z_STREAM_END, unsafe stream.avail_in == 0 else {
      throw RPCError(.internal, "a compressed message that is not gzip")
    }
    return output
  }
}
