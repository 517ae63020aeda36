import Platform
import RPC
import Wire

/// A service that answers each request as soon as it comes.
struct AnsweringTransport: ClientTransport {
  let encoding: Encoding
  let answer: @Sendable (MethodDescriptor, [UInt8]) throws(RPCError) -> [[UInt8]]

  init(
    _ encoding: Encoding = .protobuf,
    answer: @escaping @Sendable (MethodDescriptor, [UInt8]) throws(RPCError) -> [[UInt8]]
  ) {
    self.encoding = encoding
    self.answer = answer
  }

  func unary(
    _ method: MethodDescriptor, _ request: [UInt8], options: CallOptions
  ) async throws(RPCError) -> [UInt8] {
    guard let first = try answer(method, request).first else {
      throw RPCError(.internal, "no answer")
    }
    return first
  }

  func stream<T: Sendable>(
    _ method: MethodDescriptor, options: CallOptions,
    _ exchange: @escaping @Sendable (ByteWriter, ByteStream) async throws -> T
  ) async throws -> T {
    let (replies, source) = AsyncStream.makeStream(of: Result<[UInt8], RPCError>.self)
    let writer = ByteWriter(
      send: { request throws(RPCError) in
        do throws(RPCError) {
          for reply in try answer(method, request) { source.yield(.success(reply)) }
        } catch {
          source.yield(.failure(error))
        }
      },
      finish: { source.finish() })
    let stream = ByteStream { () throws(RPCError) in
      var iterator = replies.makeAsyncIterator()
      return try await iterator.next()?.get()
    }
    return try await exchange(writer, stream)
  }
}

/// The answers of a call, in order.
final class Answers: Sendable {
  private let texts = Lock<[String]>([])

  func add(_ json: [UInt8]) { texts.withLock { $0.append(String(decoding: json, as: UTF8.self)) } }

  var all: [String] { texts.withLock { $0 } }
}
